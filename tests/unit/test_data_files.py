"""What is wrong in a data file is told in a sentence: file, entry, field, what to do."""

import copy
import json

import pytest

from scripts.pages import cost, decide, ledger, practice
from scripts.pages.data import BrokenData

CLAIMS, RULES, PROMPTS, INPUTS = "claims.json", "rules.json", "prompts.json", "inputs.json"
READ = {
    CLAIMS: (ledger, "CLAIMS", ledger.claims),
    RULES: (decide, "RULES", decide.read),
    PROMPTS: (practice, "PROMPTS", practice.practice),
    INPUTS: (cost, "INPUTS", cost.read),
}


# What the files hold today, so that another entry or a new word there needs no change here.
CLAIM = len(ledger.claims()) + 1  # the number of the next
GROUPS = len(decide.read()["groups"])
QUESTION = decide.read()["questions"][0]["id"]
SCENARIO = decide.read()["scenarios"][0]
LEVELS = [level["id"] for level in practice.practice()["levels"]]
LAST = practice.practice()["prompts"][-1]["id"]
FIRST = practice.practice()["prompts"][0]["id"]
POINT = practice.practice()["prompts"][0]["rubric"][1]
OTHER = practice.practice()["prompts"][1]["id"]
MONTHS = cost.read()["inputs"]["months"]
PRODUCT = list(cost.read()["scenarios"])[-1]


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Reads a text as if it were this data file."""

    def read_as(name: str, text: str | bytes):
        module, constant, function = READ[name]
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        monkeypatch.setattr(module, constant, path)
        return function.__wrapped__()  # without its cache

    return read_as


def text_of(name: str, change) -> str:
    """A data file as it is, after a change."""
    data = copy.deepcopy(READ[name][2]())
    change(data)
    return json.dumps(data)


def put(path: str, value):
    """A change that sets what stands at this path: `prompts/46/level`. None takes it away."""

    def change(data) -> None:
        *steps, last = (int(step) if step.lstrip("-").isdigit() else step for step in path.split("/"))
        for step in steps:
            data = data[step]
        if value is None:
            del data[last]
        else:
            data[last] = value

    return change


def add_to(path: str, make):
    """A change that adds an entry, made from the last, to the list at this path."""

    def change(data) -> None:
        for step in path.split("/") if path else []:
            data = data[step]
        data.append(make(copy.deepcopy(data[-1])))

    return change


def rule(**changes):
    """A change that adds a rule, with these fields changed."""
    return add_to("rules", lambda last: last | {"id": "new"} | changes)


BROKEN = [
    # Claims.
    (CLAIMS, put("-1/note", None), f"claims.json, C{CLAIM - 1}: lacks `note`: add it."),
    (CLAIMS, put("0/verdict", "maybe"), "C1, verdict: is 'maybe': write supported, contradicted, mixed,"),
    (CLAIMS, put("0/notes", "x"), "C1: has `notes`, which nothing reads: did you mean `note`?"),
    (
        CLAIMS,
        add_to("", lambda last: last | {"id": f"C{CLAIM + 1}"}),
        f"entry {CLAIM}: `id` is C{CLAIM + 1}: write C{CLAIM}, for claims are numbered",
    ),
    (CLAIMS, add_to("", lambda last: last | {"id": "c7"}), "c7, id: is 'c7': write C and a number, such as C41."),
    (CLAIMS, put("0/page", "ladder/raq.md"), "C1: `page`: there is no docs/ladder/raq.md: did you mean ladder/rag.md"),
    (CLAIMS, put("0/here", ["ladder/rag/nothing.py"]), "C1: `here`: there is no snippets/ladder/rag/nothing.py."),
    (
        CLAIMS,
        put("0/papers", ["ovadia-2024"]),
        "there is no work in papers.md called ovadia-2024: did you mean ovadia-20",
    ),
    (CLAIMS, put("0/papers", ["nobody"]), "no work in papers.md called nobody: add it there, or write another."),
    # Rules.
    (
        RULES,
        rule(when=[{"sources": ["yess"]}]),
        "rules, new: there is no answer to sources called yess: did you mean yes?",
    ),
    (RULES, rule(when=[{"source": ["yes"]}]), "rules, new: there is no question source: did you mean sources?"),
    (RULES, rule(when=[{}]), "rules, new, when, entry 1: has 0 entries: write at least 1."),
    (RULES, rule(designs=["ragg"]), "rules, new: there is no design ragg: did you mean rag?"),
    (RULES, rule(claim=f"C{CLAIM}"), f"rules, new: there is no claim C{CLAIM}: did you mean C"),
    (RULES, rule(kind="bars"), "rules, new, kind: is 'bars': write bar, wait or need."),
    (RULES, rule(page="ladder/rag.md#what-it-fixs"), "has no section #what-it-fixs: did you mean #what-it-fixes?"),
    (RULES, add_to("rules", lambda last: last), "rules: two are called "),
    (
        RULES,
        put(f"scenarios/0/answers/{QUESTION}", None),
        f"scenarios, {SCENARIO['id']}: `answers` lacks {QUESTION}: a scenario answers every",
    ),
    (
        RULES,
        lambda data: data["questions"][0]["answers"].reverse(),
        f"questions, {QUESTION}: `answers`: the last must be `un",
    ),
    (
        RULES,
        put("questions/0/group", GROUPS),
        f"questions, {QUESTION}: `group` is {GROUPS}: write a number below {GROUPS}.",
    ),
    # Prompts.
    (PROMPTS, put("prompts/-1/level", max(LEVELS) + 1), f"{LAST}: there is no level {max(LEVELS) + 1}: write 1, 2"),
    (PROMPTS, put("prompts/-1/level", "3"), f'{LAST}, level: is "3": write a whole number.'),
    (PROMPTS, put("prompts/-1/kind", "folow-up"), "there is no kind folow-up: did you mean follow-up?"),
    (
        PROMPTS,
        put("prompts/0/rubric/1/phrasings", POINT["phrasings"][:2]),
        f"{FIRST}, rubric, {POINT['id']}, phrasings: has 2 entries: wri",
    ),
    (
        PROMPTS,
        put("prompts/0/rubric/1/phrasings/0", "One. Two."),
        "is 'One. Two.': write one sentence, as a good candidate",
    ),
    (PROMPTS, put("prompts/0/rubric", []), f"{FIRST}, rubric: has 0 entries: write at least 4."),
    (PROMPTS, put("prompts/0/rubric", [POINT]), f"{FIRST}, rubric: has 1 entry: write at least 4."),
    (PROMPTS, put("prompts/0/claims", []), f"{FIRST}, claims: has 0 entries: write at least 1."),
    (PROMPTS, put("prompts/0/answer", "Short."), f"{FIRST}: `answer` has 1 word: write 90 to 200,"),
    (PROMPTS, put("prompts/0/probe/question", "So"), f"{FIRST}: `probe`: end the question with a question mark."),
    (PROMPTS, put("prompts/0/id", OTHER), f"two prompts are called {OTHER}: rename one."),
    (
        PROMPTS,
        lambda data: data["levels"].append(data["levels"][0] | {"id": max(LEVELS) + 1}),
        f"of the kind scenario and the level {max(LEVELS) + 1}",
    ),
    # The cost calculator's inputs.
    (INPUTS, put("inputs/day_price/unit", None), "inputs.json, inputs, day_price: lacks `unit`: add it."),
    (INPUTS, put("inputs/day_price/example", "400"), 'inputs, day_price, example: is "400": write a number.'),
    (
        INPUTS,
        put("inputs/months/example", MONTHS["highest"] + 1),
        f"months: `example` is {MONTHS['highest'] + 1}: write a figure from {MONTHS['lowest']} to {MONTHS['highest']}.",
    ),
    (
        INPUTS,
        put("inputs/Day Price", {}),
        "is 'Day Price': write a name in small letters, words joined by underscores.",
    ),
    (
        INPUTS,
        put(f"scenarios/{PRODUCT}/day_prize", 1),
        f"{PRODUCT}: there is no input day_prize: did you mean day_price?",
    ),
    (
        INPUTS,
        put(f"scenarios/{PRODUCT}/ways", ["tune"]),
        f"{PRODUCT}, ways, entry 1: is 'tune': write prompting, retrieval",
    ),
    (
        INPUTS,
        put(f"scenarios/{PRODUCT}/anchor", "nowhere"),
        f"{PRODUCT}: `anchor`: docs/ladder/scenarios.md has no section #nowhere",
    ),
]


@pytest.mark.parametrize(("name", "change", "told"), BROKEN, ids=[told[:50] for _, _, told in BROKEN])
def test_a_broken_entry_is_told_in_a_sentence(read, name, change, told):
    with pytest.raises(BrokenData) as caught:
        read(name, text_of(name, change))
    lines = str(caught.value).splitlines()
    assert any(told in line for line in lines), str(caught.value)
    assert all(line.endswith((".", "?")) for line in lines) and len(lines) < 6, str(caught.value)


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (
            lambda text: text.replace('",\n', '"\n', 1),
            " is not JSON (Expecting ',' delimiter): correct it there or before.",
        ),
        (lambda text: text[: len(text) // 2], "is not JSON ("),
        (lambda _: "", ":1:1 is not JSON (Expecting value): correct it there or before."),
        (lambda text: text.encode("utf-16"), "is not UTF-8 at byte 0: save it as UTF-8."),
        (lambda _: "3", "all of it: is 3: write "),
        (lambda _: '{"inputs": 1, "inputs": 2}', "`inputs` stands twice in one object: remove one of them."),
    ],
    ids=["a comma is gone", "cut off", "empty", "UTF-16", "a number", "a field twice"],
)
def test_a_file_that_cannot_be_read_is_told_with_the_place(read, name, spoil, told):
    with pytest.raises(BrokenData) as caught:
        read(name, spoil(json.dumps(READ[name][2](), indent=1)))
    assert name in str(caught.value) and told in str(caught.value), str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_gone_is_told(read, monkeypatch, tmp_path):
    monkeypatch.setattr(ledger, "CLAIMS", tmp_path / "claims.json")
    with pytest.raises(BrokenData, match=r"claims\.json is missing: take it back from the last commit\."):
        ledger.claims.__wrapped__()


def test_of_many_slips_the_first_are_told(read):
    def spoil(data) -> None:
        for prompt in data["prompts"]:
            prompt["level"] = 9

    with pytest.raises(BrokenData) as caught:
        read(PROMPTS, text_of(PROMPTS, spoil))
    assert str(caught.value).splitlines()[-1].startswith("And ") and len(str(caught.value).splitlines()) == 11


def test_the_files_as_they_are_can_be_read(read):
    for name in READ:
        assert read(name, text_of(name, lambda data: None))
