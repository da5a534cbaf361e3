"""The recipes for the data that pages are generated from hold: each is followed in a copy of the guide, or broken."""

import json
import re
import shutil
import subprocess

import pytest

from scripts.paths import ROOT
from tests.site.mutations import MACHINES, MODELS, run_tests
from tests.site.recipes import expect_to_pass, make, recipe, requires_make, run_make, step

LEFT_OUT = {"site", "test-results", "experiments"}
PROMPTS, RULES = "docs/assets/tools/practice/prompts.json", "docs/assets/tools/decide/rules.json"
INPUTS, CLAIMS = "snippets/trade-offs/cost/inputs.json", "docs/evidence/claims.json"
PROMPT, RULE = "Add a practice prompt", "Add a rule to the decision tool"
INPUT = "Change an input of the cost calculator"
CLAIM = "Cite a work, add a claim or a term"
NO_TERM = ("-k", "not test_glossary")  # which builds the site, half a minute for what has no term

pytestmark = requires_make


@pytest.fixture
def guide(tmp_path):
    """A copy of the guide as it is, to be changed; the experiments, which are large, are those of the repository."""
    small = shutil.ignore_patterns(*MACHINES, *MODELS)

    def left_out(folder: str, names: list[str]) -> set[str]:
        return small(folder, names) | (LEFT_OUT if folder == str(ROOT) else set())

    root = tmp_path / "guide"
    shutil.copytree(ROOT, root, symlinks=True, ignore=left_out)
    (root / "experiments").symlink_to(ROOT / "experiments")
    return root


def change(root, file: str, how) -> None:
    """Change a data file; `how` gets what it holds."""
    data = json.loads((root / file).read_text(encoding="utf-8"))
    how(data)
    (root / file).write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


# What each recipe's data file is read as, and told of, whatever it holds.
OF_ANY_DATA = "tests/unit/test_data_files.py"


def prompt(**changes):
    """A change that adds a prompt: a copy of the last one under another name, with these fields changed."""
    return lambda data: data["prompts"].append(data["prompts"][-1] | {"id": "one-more"} | changes)


def rule(**changes):
    """A change that adds a rule that decides something, with these fields changed."""
    new = {"id": "one-more", "kind": "bar", "designs": ["rag"], "when": [{"volume": ["middle"]}], "program": None}
    return lambda data: data["rules"].append(data["rules"][-1] | new | changes)


def run_the_tests(root, heading: str, *more: str) -> subprocess.CompletedProcess:
    """Run the tests that a recipe names."""
    command = step(r"`(\.venv/bin/pytest [^`]+)`", heading)
    return run_tests(root, *command.split()[1:], *more)


def text_of(root, page: str) -> str:
    """A page of a copy."""
    return (root / "docs" / page).read_text(encoding="utf-8")


def test_a_prompt_is_added_as_the_recipe_says(guide):
    count = len(json.loads((guide / PROMPTS).read_text(encoding="utf-8"))["prompts"])
    assert PROMPTS in recipe(PROMPT)
    change(guide, PROMPTS, prompt(prompt="And one more?"))
    make(guide, step(r"`(make pages)`", PROMPT))
    texts = text_of(guide, "tools/prompts.md")
    assert "<summary>And one more?</summary>" in texts and f"\n{count + 1} prompts of " in texts
    make(guide, step(r"`(make pages check=1)`", PROMPT))
    make(guide, step(r"`(make register)`", PROMPT))
    expect_to_pass(run_the_tests(guide, PROMPT), PROMPT)
    held = ["tests/site/test_register.py", "-k", "tools/prompts"]
    expect_to_pass(run_tests(guide, *held), PROMPT)
    expect_to_pass(run_tests(guide, OF_ANY_DATA), PROMPT)


def test_a_claim_is_added_as_the_recipe_says(guide):
    claims = json.loads((guide / CLAIMS).read_text(encoding="utf-8"))
    name = f"C{len(claims) + 1}"
    change(guide, CLAIMS, lambda data: data.append(data[0] | {"id": name, "claim": "One more claim."}))
    make(guide, "make pages")
    page = text_of(guide, "evidence/claims.md")
    assert f"### {name}: " in page and f"| together | {len(claims) + 1} | |" in page
    form = step(r"`(\[C\d+\]\([^`]+)`", CLAIM)
    form = re.sub(r"([Cc])\d+", rf"\g<1>{len(claims) + 1}", form)
    carrying = guide / "docs" / claims[0]["page"]
    carrying.write_text(carrying.read_text(encoding="utf-8") + f"\nOne more claim. {form}\n", encoding="utf-8")
    make(guide, step(r"`(make register)`", CLAIM))
    expect_to_pass(run_the_tests(guide, CLAIM, *NO_TERM), CLAIM)
    held = ["tests/site/test_generated_pages.py", OF_ANY_DATA]
    expect_to_pass(run_tests(guide, *held), CLAIM)


def test_a_work_is_added_as_the_recipe_says(guide):
    papers = guide / step(r"an entry in `([^`]+papers\.md)`", CLAIM)
    heading = step(r"`(### Author et al\., 2024 [^`]+)`", CLAIM)
    title = "*One more work.* [arXiv 2401.00001](https://arxiv.org/abs/2401.00001)."
    found = "It was right in 71% of 120 cases (abstract)."
    first, kind, rest = papers.read_text(encoding="utf-8").partition("\n## ")
    assert kind
    name, begun, others = rest.partition("\n### ")
    entry = f"{heading}\n\n{title}\n\n{found}\n"
    papers.write_text(f"{first}{kind}{name}\n{entry}{begun}{others}", encoding="utf-8")
    citing = guide / "docs" / "ladder" / "rag.md"
    address = step(r"links to `([^`]+)`", CLAIM)
    words = f"\n[One more work](../evidence/{address}) was right in 71% of cases.\n"
    citing.write_text(citing.read_text(encoding="utf-8") + words, encoding="utf-8")
    make(guide, "make pages check=1")
    make(guide, step(r"`(make register)`", CLAIM))
    held = (guide / "tests" / "register" / "ladder" / "rag.txt").read_text(encoding="utf-8")
    assert held.endswith(f"71: evidence/{address}\n")
    expect_to_pass(run_the_tests(guide, CLAIM, *NO_TERM), CLAIM)


def test_a_term_is_added_as_the_recipe_says(guide):
    glossary = guide / step(r"an entry in `([^`]+glossary\.md)`", CLAIM)
    explained = guide / step(r"goes into `([^`]+)` as well", CLAIM)
    first = "The value that stands for nothing once figures are rounded."
    entry = f"### Zero point {{ #zero-point }}\n\n{first} See [Rung 2: retrieval](../ladder/rag.md).\n"
    text, end, rest = glossary.read_text(encoding="utf-8").rpartition("\nIs a word missing?")
    glossary.write_text(f"{text}\n{entry}{end}{rest}", encoding="utf-8")
    explained.write_text(explained.read_text(encoding="utf-8") + f"*[zero point]: {first}\n", encoding="utf-8")
    make(guide, "make pages check=1")
    make(guide, step(r"`(make register)`", CLAIM))
    expect_to_pass(run_the_tests(guide, CLAIM), CLAIM)


def test_a_rule_is_added_as_the_recipe_says(guide):
    assert RULES in recipe(RULE)
    change(guide, RULES, rule(reason="There is one more reason.", explains=True))
    make(guide, step(r"`(make pages)`", RULE))
    assert "| There is one more reason. |" in text_of(guide, "tools/decide.md")
    result = run_the_tests(guide, RULE)
    assert "one-more decides something: take `explains` out of it." in result.stdout, result.stdout[-3000:]
    failed = set(re.findall(r"^FAILED \S+::(\w+)", result.stdout, re.MULTILINE))
    assert "test_what_is_generated_is_up_to_date" not in failed
    expect_to_pass(run_tests(guide, OF_ANY_DATA), RULE)


def test_an_input_is_changed_as_the_recipe_says(guide):
    assert INPUTS in recipe(INPUT)
    change(guide, INPUTS, lambda data: data["inputs"]["search_price"].update(help="where there is a list price"))
    for command in re.findall(r"`(make (?:outputs|pages)[^`]*)`", recipe(INPUT)):
        make(guide, command)
    assert "(where there is a list price)" in text_of(guide, "trade-offs/cost.md")
    expect_to_pass(run_the_tests(guide, INPUT), INPUT)
    expect_to_pass(run_tests(guide, OF_ANY_DATA), INPUT)


@pytest.mark.parametrize(
    ("file", "how", "told"),
    [
        (PROMPTS, prompt(rubric=[]), "one-more, rubric: has 0 entries: write at least 4."),
        (RULES, rule(when=[{"volume": ["mddle"]}]), "there is no answer to volume called mddle: did you mean middle?"),
        (CLAIMS, lambda data: data[-1].pop("note"), ": lacks `note`: add it."),
        (INPUTS, lambda data: data["inputs"]["months"].pop("unit"), "inputs, months: lacks `unit`: add it."),
    ],
    ids=["no rubric", "a misspelt answer", "no note", "no unit"],
)
def test_what_is_wrong_in_the_data_is_told_in_a_sentence(guide, file, how, told):
    change(guide, file, how)
    result = run_make(guide, "make pages")
    assert result.returncode == 1
    lines = result.stderr.splitlines()
    assert any(line.startswith(file) and line.endswith(told) for line in lines), result.stderr
    assert "Traceback" not in result.stderr


def test_a_broken_data_file_stops_the_tests_with_the_sentence_and_nothing_else(guide):
    (guide / CLAIMS).write_text("[", encoding="utf-8")
    result = run_tests(guide, "tests/unit/test_generated.py")
    assert result.returncode == pytest.ExitCode.USAGE_ERROR
    assert result.stderr.strip() == f"ERROR: {CLAIMS}:1:2 is not JSON (Expecting value): correct it there or before."


def test_data_that_was_changed_without_its_page_is_told(guide):
    change(guide, PROMPTS, prompt())
    said = f"docs/tools/prompts.md is out of date with {PROMPTS}: edit only that file, and run `make pages`."
    told = run_make(guide, "make pages check=1").stderr.splitlines()
    assert said in told and all("is out of date with" in line for line in told), told
    result = run_tests(guide, "tests/site/test_generated_pages.py", "-k", "prompts")
    assert result.returncode == 1 and said in result.stdout


def test_a_typing_slip_mended_in_the_page_is_told_and_kept_until_it_is_discarded(guide):
    page = guide / "docs" / "tools" / "prompts.md"
    text = page.read_text(encoding="utf-8")
    place = text.index("A strong answer:")
    page.write_text(text[:place] + "A very strong answer:" + text[place + 16 :], encoding="utf-8")
    line = text.count("\n", 0, place) + 1
    told = f"docs/tools/prompts.md:{line} was edited where the page is generated: make the change in {PROMPTS}, then"
    for command in ("make pages check=1", "make pages"):
        result = run_make(guide, command)
        assert result.returncode == 1 and result.stderr.startswith(told), result.stderr
        assert "A very strong answer:" in page.read_text(encoding="utf-8")
    make(guide, "make pages discard=1")
    assert page.read_text(encoding="utf-8") == text
