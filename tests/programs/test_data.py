"""The fictional company in snippets/data: every row is well formed, and the README tells the truth about it."""

import json
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2] / "snippets" / "data"

KINDS = {"policy", "manual", "catalogue", "support", "people", "changelog"}
AUDIENCES = {"public", "internal"}
TEAMS = {"billing", "delivery", "repair", "account"}
BIKES = {"Wrenlow", "Tolver", "Dray"}

DOCUMENT_FIELDS = ["id", "title", "kind", "audience", "date", "status", "superseded_by", "text"]
QUESTION_FIELDS = ["id", "split", "answerable", "document", "audience", "direct", "paraphrase", "answer", "accept"]
MESSAGE_FIELDS = ["id", "split", "text", "team", "urgency", "product"]

# Words too common to say that two texts share vocabulary.
STOP = set(
    [
        "a",
        "about",
        "after",
        "all",
        "am",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "before",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "for",
        "from",
        "get",
        "had",
        "has",
        "have",
        "how",
        "i",
        "if",
        "in",
        "is",
        "it",
        "its",
        "just",
        "long",
        "many",
        "may",
        "me",
        "mine",
        "much",
        "must",
        "my",
        "no",
        "not",
        "of",
        "off",
        "on",
        "one",
        "or",
        "our",
        "out",
        "over",
        "should",
        "so",
        "some",
        "something",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "they",
        "this",
        "to",
        "too",
        "under",
        "until",
        "up",
        "us",
        "was",
        "we",
        "were",
        "what",
        "when",
        "which",
        "who",
        "whom",
        "whose",
        "will",
        "with",
        "within",
        "would",
        "you",
        "your",
    ]
)


def normalise(text):
    """The rule in README.md: lower case, no commas, single spaces."""
    return re.sub(r"\s+", " ", text.lower().replace(",", "")).strip()


def contains(text, wanted):
    """True when `wanted` stands in `text` as whole words; 3.5 does not contain 3 and £490 does not contain £49."""
    return re.search(rf"(?<!\w)(?<!\d\.){re.escape(wanted)}(?!\w|\.\d)", text) is not None


def content_words(text):
    words = re.findall(r"[a-z0-9£€]+", normalise(text))
    return {word[:-1] if word.endswith("s") and len(word) > 3 else word for word in words if word not in STOP}


def read(name):
    rows = []
    for number, line in enumerate((DATA / name).read_text(encoding="utf-8").splitlines(), 1):
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError as problem:
            raise AssertionError(f"{name} line {number} is not valid JSON ({problem}). Fix that line.") from None
    return rows


DOCUMENTS = read("documents.jsonl")
QUESTIONS = read("questions.jsonl")
MESSAGES = read("messages.jsonl")
README = (DATA / "README.md").read_text(encoding="utf-8")
BY_ID = {row["id"]: row for row in DOCUMENTS}
TEXT = {row["id"]: normalise(row["text"]) for row in DOCUMENTS}
ANSWERABLE = [row for row in QUESTIONS if row.get("answerable")]
UNANSWERABLE = [row for row in QUESTIONS if not row.get("answerable")]


def words(row):
    return len(row["text"].split())


def section(heading):
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", README, re.M | re.S)
    assert found, f'README.md has no heading "{heading}". Put it back: this test reads that section.'
    return found.group(1)


# ---------------------------------------------------------------- shape of the rows


@pytest.mark.parametrize("name", ["documents.jsonl", "questions.jsonl", "messages.jsonl"])
def test_ids_are_unique(name):
    repeated = [key for key, n in Counter(row["id"] for row in read(name)).items() if n > 1]
    assert not repeated, f"{name}: these ids stand on more than one row: {repeated}. Give each row its own id."


def test_documents_have_every_field():
    for row in DOCUMENTS:
        name = row.get("id")
        assert list(row) == DOCUMENT_FIELDS, f"Document {name} has fields {list(row)}; make them {DOCUMENT_FIELDS}."
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name), f"Document id {name!r} must be kebab-case."
        assert row["title"].strip(), f"Document {name} has no title. Write one."
        assert row["kind"] in KINDS, f"Document {name}: kind {row['kind']!r} must be one of {sorted(KINDS)}."
        assert row["audience"] in AUDIENCES, f"Document {name}: audience must be public or internal."
        assert row["status"] in {"current", "superseded"}, f"Document {name}: status must be current or superseded."
        assert 2023 <= date.fromisoformat(row["date"]).year <= 2026, f"Document {name}: date must lie in 2023-2026."
        assert 40 <= words(row) <= 900, f"Document {name} has {words(row)} words; keep it between 40 and 900."
        assert not row["text"].startswith("# "), f"Document {name}: take the title line out of the text."


def test_superseded_documents_point_to_a_newer_one():
    for row in DOCUMENTS:
        newer = row["superseded_by"]
        if row["status"] == "current":
            assert newer is None, f"Document {row['id']} is current, so superseded_by must be null."
            continue
        assert newer in BY_ID, f"Document {row['id']}: superseded_by {newer!r} is no document. Correct the id."
        assert BY_ID[newer]["status"] == "current", f"Document {row['id']} is superseded by {newer}, itself superseded."
        assert BY_ID[newer]["date"] > row["date"], (
            f"Document {newer} must be dated after {row['id']}, which it replaces."
        )


def test_questions_have_every_field():
    for row in QUESTIONS:
        name = row.get("id")
        fields = [field for field in row if field != "stale_answer"]
        assert fields == QUESTION_FIELDS, f"Question {name} has fields {list(row)}; make them {QUESTION_FIELDS}."
        assert row["split"] in {"dev", "test"}, f"Question {name}: split must be dev or test."
        assert isinstance(row["answerable"], bool), f"Question {name}: answerable must be true or false."
        for field in ("direct", "paraphrase", "answer"):
            assert row[field].strip(), f"Question {name}: {field} is empty. Write it."
        for value in row["accept"] + row.get("stale_answer", []):
            assert value.strip(), f"Question {name} accepts an empty string, which every answer contains. Remove it."
            assert value == normalise(value), f"Question {name}: write {value!r} as {normalise(value)!r}."


def test_messages_have_every_field():
    for row in MESSAGES:
        name = row.get("id")
        assert list(row) == MESSAGE_FIELDS, f"Message {name} has fields {list(row)}; make them {MESSAGE_FIELDS}."
        assert row["split"] in {"train", "dev", "test"}, f"Message {name}: split must be train, dev or test."
        assert row["team"] in TEAMS, f"Message {name}: team {row['team']!r} must be one of {sorted(TEAMS)}."
        assert row["urgency"] in {"low", "high"}, f"Message {name}: urgency must be low or high."
        named = {bike for bike in BIKES if re.search(rf"\b{bike}", row["text"])} or {"none"}
        assert named == {row["product"]}, f"Message {name} names {sorted(named)} but product is {row['product']!r}."


# ---------------------------------------------------------------- questions against documents


def test_gold_documents_answer_their_questions():
    for row in ANSWERABLE:
        name, gold = row["id"], row["document"]
        assert gold in BY_ID, f"Question {name}: document {gold!r} does not exist. Correct the id."
        assert BY_ID[gold]["status"] == "current", (
            f"Question {name}: {gold} is superseded. Point to the current document."
        )
        assert row["audience"] == BY_ID[gold]["audience"], f"Question {name}: audience must be that of {gold}."
        assert 1 <= len(row["accept"]) <= 5, (
            f"Question {name} needs one to five accepted strings, not {len(row['accept'])}."
        )
        assert any(contains(TEXT[gold], value) for value in row["accept"]), (
            f"Question {name}: {gold} contains none of {row['accept']}. Add the wording of the document."
        )
        assert any(contains(normalise(row["answer"]), value) for value in row["accept"]), (
            f"Question {name}: its own answer {row['answer']!r} would be marked wrong. Make answer and accept agree."
        )
        for value in row["accept"]:
            assert not contains(normalise(row["direct"]), value) and not contains(
                normalise(row["paraphrase"]), value
            ), f"Question {name} gives away {value!r} in its own wording. Reword the question."


def test_unanswerable_questions_have_no_gold():
    for row in UNANSWERABLE:
        assert row["document"] is None and row["audience"] is None and row["accept"] == [], (
            f"Question {row['id']} is unanswerable: set document and audience to null and accept to []."
        )
        assert "stale_answer" not in row, f"Question {row['id']} is unanswerable: remove stale_answer."


def test_stale_answers_are_in_the_old_document_only():
    for row in (row for row in QUESTIONS if "stale_answer" in row):
        gold = row["document"]
        old = [key for key in BY_ID if BY_ID[key]["superseded_by"] == gold]
        for value in row["stale_answer"]:
            assert any(contains(TEXT[key], value) for key in old), (
                f"Question {row['id']}: no document that {gold} replaces contains {value!r}. Correct stale_answer."
            )
            assert not contains(TEXT[gold], value), (
                f"Question {row['id']}: {value!r} also stands in the current {gold}. Remove it."
            )
            assert not any(contains(accepted, value) for accepted in row["accept"]), (
                f"Question {row['id']}: an accepted answer contains the stale {value!r}. Make one more specific."
            )


def test_no_text_stands_twice():
    seen = {}
    rows = [(f"{row['id']} {field}", row[field]) for row in QUESTIONS for field in ("direct", "paraphrase")]
    rows += [(f"{row['id']} text", row["text"]) for row in MESSAGES]
    for name, text in rows:
        key = re.sub(r"\W+", " ", text.lower()).strip()
        assert key not in seen, (
            f"{name} repeats {seen[key]}: {text!r}. Reword one of them, or a split leaks into another."
        )
        seen[key] = name


def test_no_two_questions_ask_for_the_same_fact():
    seen = {}
    for row in ANSWERABLE:
        key = (row["document"], frozenset(row["accept"]))
        assert key not in seen, f"Questions {seen[key]} and {row['id']} have the same document and answer. Replace one."
        seen[key] = row["id"]


def test_paraphrases_share_fewer_words_with_the_document():
    def share(row, field):
        gold = BY_ID[row["document"]]
        asked = content_words(row[field])
        return len(asked & content_words(gold["title"] + " " + gold["text"])) / max(1, len(asked))

    for row in QUESTIONS:
        said = content_words(row["paraphrase"])
        assert len(said & content_words(row["direct"])) <= 0.75 * len(said), (
            f"Question {row['id']}: the paraphrase repeats most of the direct wording. Say it as a customer would."
        )
    direct = sum(share(row, "direct") for row in ANSWERABLE) / len(ANSWERABLE)
    paraphrase = sum(share(row, "paraphrase") for row in ANSWERABLE) / len(ANSWERABLE)
    assert paraphrase <= direct - 0.2, (
        f"Paraphrases share {paraphrase:.2f} of their words with the gold document, direct questions {direct:.2f}. "
        "Reword paraphrases until they are at least 0.20 apart."
    )


# ---------------------------------------------------------------- counts


def test_enough_of_everything():
    def at_least(n, rows, what):
        assert len(list(rows)) >= n, f"There must be at least {n} {what}. Add some."

    at_least(72, DOCUMENTS, "documents")
    at_least(8, (row for row in DOCUMENTS if row["status"] == "superseded"), "superseded documents")
    at_least(14, (row for row in DOCUMENTS if row["audience"] == "internal"), "internal documents")
    at_least(12, (row for row in DOCUMENTS if words(row) > 500), "documents of more than 500 words")
    at_least(20, (row for row in DOCUMENTS if words(row) < 100), "documents of fewer than 100 words")
    at_least(60, (row for row in ANSWERABLE if row["split"] == "dev"), "answerable dev questions")
    at_least(120, (row for row in ANSWERABLE if row["split"] == "test"), "answerable test questions")
    at_least(15, (row for row in UNANSWERABLE if row["split"] == "dev"), "unanswerable dev questions")
    at_least(25, (row for row in UNANSWERABLE if row["split"] == "test"), "unanswerable test questions")
    at_least(25, (row for row in ANSWERABLE if row["audience"] == "internal"), "questions about internal documents")
    at_least(10, (row for row in QUESTIONS if "stale_answer" in row), "questions with a stale answer")


@pytest.mark.parametrize(("split", "each"), [("train", 10), ("dev", 15), ("test", 35)])
def test_messages_are_balanced(split, each):
    rows = [row for row in MESSAGES if row["split"] == split]
    teams = Counter(row["team"] for row in rows)
    assert teams == {team: each for team in TEAMS}, f"{split} messages: {dict(teams)}. Each team needs {each}."
    for team in TEAMS:
        high = sum(row["urgency"] == "high" for row in rows if row["team"] == team) / each
        assert 0.2 <= high <= 0.5, f"{split} messages: {high:.0%} of {team} is high. Keep it at 20% to 50%."


def test_readme_counts_are_true():
    by = lambda rows, **want: sum(all(row[key] == value for key, value in want.items()) for row in rows)  # noqa: E731
    truth = {
        "documents": len(DOCUMENTS),
        "words in all documents": sum(map(words, DOCUMENTS)),
        "documents of more than 500 words": sum(words(row) > 500 for row in DOCUMENTS),
        "documents of fewer than 100 words": sum(words(row) < 100 for row in DOCUMENTS),
        "public documents": by(DOCUMENTS, audience="public"),
        "internal documents": by(DOCUMENTS, audience="internal"),
        "superseded documents": by(DOCUMENTS, status="superseded"),
        "questions": len(QUESTIONS),
        "answerable, dev": by(QUESTIONS, answerable=True, split="dev"),
        "answerable, test": by(QUESTIONS, answerable=True, split="test"),
        "unanswerable, dev": by(QUESTIONS, answerable=False, split="dev"),
        "unanswerable, test": by(QUESTIONS, answerable=False, split="test"),
        "answerable from internal documents": by(ANSWERABLE, audience="internal"),
        "documents asked about": len({row["document"] for row in ANSWERABLE}),
        "with a stale answer": sum("stale_answer" in row for row in QUESTIONS),
        "messages": len(MESSAGES),
        **{f"messages, {split}": by(MESSAGES, split=split) for split in ("train", "dev", "test")},
        **{f"high urgency, {split}": by(MESSAGES, split=split, urgency="high") for split in ("train", "dev", "test")},
        **{f"messages about the {bike}": by(MESSAGES, product=bike) for bike in sorted(BIKES)},
        "messages about no bike in particular": by(MESSAGES, product="none"),
    }
    for kind in sorted(KINDS):
        truth[f"documents of kind {kind}"] = by(DOCUMENTS, kind=kind)
    told = {
        key.strip(): int(value.replace(",", ""))
        for key, value in re.findall(r"^\| ([^|]+) \| ([\d,]+) \|$", section("Counts"), re.M)
    }
    wrong = {
        key: (told.get(key), truth.get(key)) for key in told.keys() | truth.keys() if told.get(key) != truth.get(key)
    }
    assert not wrong, (
        f"README.md, section Counts, says (left) what the files do not (right): {wrong}. Correct the table."
    )


def test_readme_lists_what_is_imperfect():
    old = {row["id"] for row in DOCUMENTS if row["status"] == "superseded"}
    for heading, least in [("Superseded documents", 8), ("Near-duplicates", 5), ("Contradictions nobody marked", 3)]:
        lines = [line for line in section(heading).splitlines() if line.startswith("- ")]
        assert len(lines) >= least, f'README.md, "{heading}", lists {len(lines)} items and needs at least {least}.'
        for line in lines:
            ids = re.findall(r"`([a-z0-9-]+)`", line)
            assert len(ids) == 2, f'README.md, "{heading}": name exactly two documents in backticks in: {line}'
            for name in ids:
                assert name in BY_ID, f'README.md, "{heading}": {name!r} is no document. Correct the id.'
            if heading == "Superseded documents":
                assert BY_ID[ids[0]]["superseded_by"] == ids[1], f"README.md: {ids[0]} is not superseded by {ids[1]}."
                old.discard(ids[0])
            elif heading == "Contradictions nobody marked":
                assert all(BY_ID[name]["status"] == "current" for name in ids), (
                    f"README.md: both must be current in: {line}"
                )
    assert not old, f"README.md does not list these superseded documents: {sorted(old)}. Add them."


def test_readme_names_every_field():
    for heading, fields in [
        ("documents.jsonl", DOCUMENT_FIELDS),
        ("questions.jsonl", [*QUESTION_FIELDS, "stale_answer"]),
        ("messages.jsonl", MESSAGE_FIELDS),
    ]:
        for field in fields:
            assert f"| `{field}` |" in section(heading), (
                f'README.md, "{heading}", does not explain the field {field}. Add a row.'
            )
