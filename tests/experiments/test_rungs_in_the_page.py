"""The page "Three rungs, one question" answers with the experiment's prompts and from its passages, as they are."""

import json

from scripts.paths import DOCS, ROOT
from tests.experiments.test_experiments import run_code

NOW = f"""
import json, sys
sys.path.insert(0, {str(ROOT)!r})
from kit.environment import use_local_models
use_local_models()
from kit.arm import Arm
from kit.rows import read_data
from scripts.record_rungs import LIVE, MAX_NEW_TOKENS, prompts_of
from tasks.questions import DOCUMENTS, cut
arm = Arm(**json.loads(LIVE.read_text(encoding="utf-8"))["arm"])
current = [one for one in read_data(DOCUMENTS) if one["status"] == "current"]
passages = [f"{{one['title']}}\\n{{part}}" for one in current for part in cut(one["text"])]
print(json.dumps({{"prompts": prompts_of(arm), "most": MAX_NEW_TOKENS, "passages": passages}}))
"""


def test_what_is_recorded_is_of_the_prompts_and_passages_as_they_are():
    recorded = json.loads((DOCS / "assets" / "tools" / "rungs" / "live.json").read_text(encoding="utf-8"))
    now = json.loads(run_code(NOW))
    again = "run `make record only=rungs`"
    assert (recorded["prompts"], recorded["most"]) == (now["prompts"], now["most"]), again
    assert set(recorded["passages"]) <= set(now["passages"]), again
