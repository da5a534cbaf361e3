"""The first recorded run on the page that answers from the guide, for readers without JavaScript."""

from scripts.pages.data import BrokenData, parse, shown
from scripts.pages.generated import Generated
from scripts.paths import DOCS

PAGE = DOCS / "tools" / "ask.md"
RECORD = DOCS / "assets" / "tools" / "ask" / "recorded.json"
RUN = RECORD.parent / "recorded" / "1.json"
SEARCHES = {"keyword": ("Keyword", 1), "minilm": ("MiniLM", 2), "fused": ("Fused", 4)}  # with the digits of a score
SHOWN = 3  # passages of each search


def name_of(passage: dict) -> str:
    """A passage as the table calls it."""
    name = passage["page"] if passage["first"] else f"{passage['page']}: {passage['title']}"
    part = f", passage {passage['number']} of {passage['of']}" if passage["of"] > 1 else ""
    return f"{name}{part}".replace("|", "\\|")


def cell(hits: list[dict], place: int, digits: int) -> str:
    """A passage's rank in a search and its score; a dash where the search has it not among the first."""
    found = ((rank, hit["score"]) for rank, hit in enumerate(hits, 1) if hit["place"] == place)
    return next((f"{rank} · {score:.{digits}f}" for rank, score in found), "-")


def render() -> str:
    """The question, the passages that each search found, the prompt and the answer."""
    record, run = parse(RECORD), parse(RUN)
    places = dict.fromkeys(hit["place"] for by in SEARCHES for hit in run["hits"][by][:SHOWN])
    rows = [
        [name_of(run["passages"][str(place)]), *(cell(run["hits"][by], place, SEARCHES[by][1]) for by in SEARCHES)]
        for place in places
    ]
    if run["answer"] is None:
        raise BrokenData(f"{shown(RUN)} has no answer to its first question: give scripts/record_ask.py another.")
    answer = run["answers"][run["answer"]]
    fence = "~~~~"
    lines = [
        f"“{run['question']}” was put to {record['count']:,} passages of the guide.",
        "",
        f"| Passage | {' | '.join(name for name, _ in SEARCHES.values())} |",
        "|---|---:|---:|---:|",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
        f"The prompt that the keyword search makes has {answer['tokens']:,} tokens:",
        "",
        f'{fence}text title="Prompt"',
        answer["prompt"],
        fence,
        "",
        f'{fence}text title="What {record["model"]} answered"',
        answer["answer"],
        fence,
    ]
    return "\n".join(lines)


GENERATED = Generated(PAGE, shown(RUN), render, made_by="make record only='ask --run'")
