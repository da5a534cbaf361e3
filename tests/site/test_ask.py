"""What the page that answers from the guide fetches belongs to the guide as it is."""

import json

from scripts import record_ask as recording
from tests.unit.node import node

KNOWN = 0.8  # of the passages: the page embeds the others itself, which takes a reader a minute
AGAIN = "run `make record only=ask`"


def test_most_passages_have_their_vector(site):
    node()  # leaves the test out where there is none
    passages = {one["name"] for one in recording.asked("passages", site)}
    known = passages & set(json.loads(recording.LIST.read_text(encoding="utf-8"))["names"])
    share = len(known) / len(passages)
    assert share >= KNOWN, f"Only {share:.0%} of the guide's passages have a vector: {AGAIN}."


def test_the_recorded_passages_are_of_pages_that_there_are(site):
    passages = [passage for run in recording.read_runs() for passage in run["passages"].values()]
    pages = {passage["document"].partition("#")[0] for passage in passages}
    gone = sorted(page for page in pages if not (site / page / "index.html").exists())
    assert not gone, f"The recorded run leads to pages that are no more: run `make record only='ask --run'`. {gone}"
