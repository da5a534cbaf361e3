"""The page that answers from the guide makes the prompts of rung 2, and checks sources as its program does."""

import json
import re

import numpy as np
import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment
from rung.cutting import count_words

from scripts import record_ask as recording
from scripts.paths import HF_HOME, SNIPPETS
from tests.unit.node import run_module

RUNS = recording.read_runs()
RAG = SNIPPETS / "ladder" / "rag"
BY_HAND = re.compile(r"^By hand:  (.+)\nCheck:    (.+)$", re.MULTILINE)
ANSWERED = re.compile(r"^Answer:   (.+)\nVerdict:  (.+)$", re.MULTILINE)
# What the program prints of each kind of verdict, with the sources in braces.
PRINTED = {
    "unknown": "no such source {}",
    "rejected": "reject, no source says this",
    "attach": "no citation, attach {}",
    "missing": "citation missing, it should be {}",
    "holds": "holds",
}
CHECK = "(citing, {answers, sources}) => answers.map(answer => citing.check(answer, sources))"
PROMPTS = "(prompt, texts) => texts.map(some => prompt.promptFor('Why?', some))"


def printed(result: dict) -> str:
    """A verdict of the page in the words of the program."""
    if result["kind"] == "nothing":
        return "no figure to check" if result["cited"] else "no citation, no figure to check"
    if result["kind"] == "wrong":
        idle = set(result["cited"]) - set(result["sources"])
        return f"wrong citation {idle}, it should be {set(result['sources'])}"
    return PRINTED[result["kind"]].format(set(result["sources"]))


def test_sources_are_checked_as_the_program_of_rung_2_checks_them():
    program = (RAG / "cite_numbered_sources.py").read_text(encoding="utf-8")
    sources = re.findall(r'^    "(.+)",$', program.partition("SOURCES = [")[2].partition("]")[0], re.MULTILINE)
    said = (RAG / "cite_numbered_sources.out").read_text(encoding="utf-8")
    cases = [*BY_HAND.findall(said), *ANSWERED.findall(said)]
    assert len(sources) == 3 and len(cases) == 12
    found = run_module("ask/citing.js", CHECK, {"answers": [answer for answer, _ in cases], "sources": sources})
    assert [printed(one) for one in found] == [verdict for _, verdict in cases]


def test_a_prompt_has_the_words_of_the_program_that_answers_from_a_folder():
    program = (RAG / "ask_your_documents.py").read_text(encoding="utf-8")
    for prompt in run_module("ask/prompt.js", PROMPTS, [["A."], ["A.", "B."]]):
        request, *texts, question = prompt.split("\n\n")
        assert request in program and question == "Question: Why?"
        assert texts == (["A."] if len(texts) == 1 else ["[1] A.", "[2] B."])


def test_the_model_in_the_tab_reads_a_prompt_in_the_form_of_its_own_template():
    found = list(HF_HOME.glob("hub/models--HuggingFaceTB--SmolLM2-135M-Instruct/snapshots/*/chat_template.jinja"))
    if not found:
        pytest.skip("The model's template is not there: run `make models`.")
    template = ImmutableSandboxedEnvironment().from_string(found[0].read_text(encoding="utf-8"))
    prompts = ["Why?", "Two\nlines, {{ and }} “marks”.\n\n[1] A passage"]
    wanted = [
        template.render(messages=[{"role": "user", "content": prompt}], add_generation_prompt=True)
        for prompt in prompts
    ]
    assert run_module("write/chat.js", "(chat, prompts) => prompts.map(chat.inChat)", prompts) == wanted


def test_each_recorded_prompt_is_made_of_recorded_passages_and_one_question_has_none():
    for run in RUNS:
        shown = [passage["shown"] for passage in run["passages"].values()]
        for one in run["answers"]:
            _, _, asked = one["prompt"].partition("\n\n")
            sources, _, question = asked.rpartition("\n\nQuestion: ")
            # One passage stands there as it is; of several each has its number. A passage may hold blank lines.
            texts = re.split(r"(?:^|\n\n)\[\d+\] ", sources)[1:] or [sources]
            assert texts and all(text in shown for text in texts)
            assert question == run["question"]
            assert one["answer"] and one["tokens"] > count_words([one["prompt"]])[0] / 2
    record = json.loads(recording.RECORD.read_text(encoding="utf-8"))
    assert [run["question"] for run in RUNS] == record["questions"] == recording.QUESTIONS
    assert [run["answer"] is None for run in RUNS] == [False, False, False, True]


def test_the_vectors_are_those_that_their_list_describes():
    listed = json.loads(recording.LIST.read_text(encoding="utf-8"))
    numbers = recording.NUMBERS.read_bytes()
    assert len(numbers) == listed["bytes"] == recording.WIDTH * len(listed["names"])
    rows = np.frombuffer(numbers, np.int8).reshape(-1, recording.WIDTH)
    assert np.abs(rows.astype(int)).max(axis=1).tolist() == [127] * len(rows)
