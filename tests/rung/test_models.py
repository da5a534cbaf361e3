"""Asking models: one on this machine, and a real server through a proxy that fails in each of the ways servers do."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest
from rung.case import read_case
from rung.endpoint import EndpointModel, is_this_machine
from rung.errors import ModelError, Unsupported
from rung.measure import Measurement
from rung.models import Answer, AnswerCache, CachedModel, LocalModel, Request, after_thinking, chat
from rung.settings import ModelSettings

from scripts.paths import ROOT
from tests.programs.families import FAMILIES, save
from tests.rung.cases import label_case, write_table
from tests.rung.command import COMMAND, answers_in, environment, interrupt_once
from tests.rung.servers import MODEL, NARROW, free_port, misbehaving, transformers_serve

QUESTIONS = [Request(chat(f"What is {number} plus {number}?"), 4) for number in range(4)]


@pytest.fixture(scope="session")
def local():
    return LocalModel(MODEL)


@pytest.fixture(scope="session")
def server(narrow, tmp_path_factory):
    """The narrow model behind an address: what a server does with a request does not depend on what its model knows."""
    with transformers_serve(narrow, tmp_path_factory.mktemp("server") / "log") as address:
        yield address


def endpoint(address: str, **settings) -> EndpointModel:
    return EndpointModel(ModelSettings(NARROW, address, **({"retries": 2, "timeout": 300.0} | settings)))


def cached(model, folder) -> CachedModel:
    return CachedModel(model, AnswerCache(folder / "answers.sqlite"))


def test_batches_answer_as_single_prompts_do(local):
    requests = [Request(chat("Say hello."), 6), Request(chat("Name a colour. " * 30), 6), Request(chat("1+1="), 3)]
    together = dict(local.answers(requests))
    alone = [next(local.answers([one]))[1] for one in requests]
    assert [together[place].text for place in range(3)] == [one.text for one in alone]
    assert [together[place].prompt_tokens for place in range(3)] == local.count(requests)
    assert together[2].new_tokens <= 3 and together[0].text


def test_choices_hold_the_decoder(local):
    choices = ("billing", "billing and delivery", "repair")
    texts = [
        answer.text for _, answer in local.answers([Request(chat(text), 1, choices) for text in ("My bill?", "Hm")])
    ]
    assert set(texts) <= set(choices)


def test_a_model_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(ModelError, match="nobody/nothing is not to be had"):
        list(LocalModel("nobody/nothing").answers(QUESTIONS[:1]))


def test_answers_are_kept_and_not_asked_again(local, tmp_path):
    model = cached(local, tmp_path)
    first = model.ask(QUESTIONS + QUESTIONS)
    assert model.missing(QUESTIONS) == [] and first[:4] == first[4:]

    class Silent:
        """A model that may not be asked."""

        identity = local.identity

        def answers(self, requests):
            raise AssertionError("asked again")

    again = cached(Silent(), tmp_path)
    assert again.ask(QUESTIONS) == first[:4]
    assert again.missing([Request(QUESTIONS[0].messages, 5)])  # other settings, another answer


def test_a_server_answers_as_the_model_does(server, narrow, tmp_path):
    local = LocalModel(str(narrow))
    answers = cached(endpoint(server), tmp_path).ask(QUESTIONS[:2])
    assert [one.text for one in answers] == [dict(local.answers(QUESTIONS[:2]))[place].text for place in range(2)]
    assert answers[0].text != answers[1].text, "the answers do not depend on the questions"
    assert answers[0].prompt_tokens == local.count(QUESTIONS[:1])[0] and answers[0].cut


@pytest.mark.parametrize("fault", ["429", "500", "503", "cut off", "nonsense", '{"choices": []}', "slow"])
def test_passing_faults_are_survived(server, tmp_path, fault):
    patience = 8.0 if fault == "slow" else 300.0
    with misbehaving(server, [fault], patience) as proxy:
        answers = cached(endpoint(proxy.address, timeout=patience, concurrency=1), tmp_path).ask(QUESTIONS[:1])
    assert answers[0].text and len(proxy.bodies) >= 2


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("401", "refuses the key"),
        ("403", r"does not allow it \(status 403: injected\)"),
        ("404", r"knows no model .* \(status 404: injected\)"),
        ("400", "status 400: .*injected"),
        ("429", "status 429"),
        ("500", "status 500"),
        ("cut off", "cannot be reached, or breaks off"),
        ("nonsense", "not as an OpenAI-compatible server"),
    ],
)
def test_lasting_faults_lose_nothing_and_a_second_run_goes_on(server, tmp_path, fault, message):
    with misbehaving(server, ["", "", *[fault] * 20]) as proxy:
        model = cached(endpoint(proxy.address, concurrency=1, retries=1), tmp_path)
        with pytest.raises(ModelError, match=message) as problem:
            model.ask(QUESTIONS)
        assert "2 of 4 answers came before and are kept" in str(problem.value)
        sent = len(proxy.bodies)
        proxy.faults.clear()
        assert all(one.text for one in model.ask(QUESTIONS))
        assert len(proxy.bodies) == sent + 2


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"error": {"message": "Provider overloaded", "code": 502}}', "(Provider overloaded)"),
        ('{"choices": {"a": 1}}', ""),
        ('{"choices": ["loan"]}', ""),
        ('{"choices": [{"finish_reason": "stop", "message": {"content": [{"type": "image_url"}, "loan"]}}]}', ""),
        ('{"choices": [{"finish_reason": "stop", "message": {"content": []}}]}', ""),
        ("[" * 100_000, ""),
        (
            '{"choices": [{"index": 0, "finish_reason": "error", "message": {"role": "assistant", "content": null}}]}',
            "",
        ),
    ],
    ids=lambda value: value[:40],
)
def test_what_is_no_answer_is_asked_for_again_after_pauses_and_told(tmp_path, body, said):
    with misbehaving("http://127.0.0.1:9/v1", [body] * 3) as proxy:
        started = time.monotonic()
        with pytest.raises(ModelError) as problem:
            cached(endpoint(proxy.address), tmp_path).ask(QUESTIONS[:1])
        assert f"answers, but not as an OpenAI-compatible server does{' ' * bool(said)}{said}." in str(problem.value)
        assert len(proxy.bodies) == 3 and time.monotonic() - started > 1.4


@pytest.mark.parametrize(
    "unusual",
    [
        {"usage": {"prompt_tokens": "many", "completion_tokens": {}}},
        {"usage": [1, 2]},
        {"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "4 \ud83d"}}]},
        {"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": None}}]},
    ],
    ids=["usage in words", "usage as a list", "half a character", "no word"],
)
def test_an_answer_of_an_unusual_shape_is_one_and_is_kept(server, tmp_path, unusual):
    with misbehaving(server, []) as proxy:
        proxy.answers = lambda answer: answer | unusual
        model = cached(endpoint(proxy.address), tmp_path)
        answers = model.ask(QUESTIONS[:1])
        assert answers[0].given and answers[0].text.encode() is not None
        assert model.ask(QUESTIONS[:1]) == answers and len(proxy.bodies) == 1


PARTS = [
    {"type": "thinking", "thinking": [{"type": "text", "text": "Two and two."}]},
    {"type": "text", "text": "It is "},
    {"type": "image_url", "image_url": {"url": "data:,"}},
    {"type": "text", "text": "4."},
]


def test_an_answer_in_parts_is_the_text_of_those_that_are_text(server, tmp_path):
    with misbehaving(server, []) as proxy:
        said = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": PARTS}}
        proxy.answers = lambda answer: answer | {"choices": [said]}
        assert [one.text for one in cached(endpoint(proxy.address), tmp_path).ask(QUESTIONS[:1])] == ["It is 4."]


def test_a_model_cut_off_while_it_thinks_in_parts_is_told(tmp_path):
    said = {"index": 0, "finish_reason": "length", "message": {"role": "assistant", "content": PARTS[:1]}}
    with misbehaving("http://127.0.0.1:9/v1", [json.dumps({"choices": [said]})]) as proxy:
        with pytest.raises(ModelError, match=r"on thinking before it answered: raise .* max_new_tokens"):
            cached(endpoint(proxy.address), tmp_path).ask(QUESTIONS[:1])
        assert len(proxy.bodies) == 1


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('{"error": "Model is loading"}', "Model is loading"),
        ('{"detail": "Model is loading."}', "Model is loading"),
        ('{"object": "error", "message": "Model is loading", "code": 400}', "Model is loading"),
        ('{"detail": [{"loc": ["body", "top_p"], "msg": "Field required"}]}', "body.top_p: Field required"),
        ("Model\nis loading", "Model is loading"),
        ("<html><h1>Bad Request</h1></html>", "Error code: 400"),
        ('{"error": {"message": "\\ud83d"}}', "\ufffd"),
    ],
)
def test_a_refusal_is_told_in_the_servers_own_words(tmp_path, body, told):
    with misbehaving("http://127.0.0.1:9/v1", []) as proxy:
        proxy.refuses = lambda _: (400, body.encode())
        with pytest.raises(ModelError) as problem:
            cached(endpoint(proxy.address), tmp_path).ask(QUESTIONS[:1])
        assert f"refuses (status 400: {told})." in str(problem.value)


NO_SYSTEM = [
    (400, "System role not supported"),
    (500, "Jinja Exception: Conversation roles must alternate user/assistant/user/assistant/..."),
    (400, "Unsupported value: 'messages[0].role' does not support 'system' with this model."),
]


@pytest.mark.parametrize("refused", NO_SYSTEM, ids=lambda refused: refused[1][:20])
def test_a_model_without_a_systems_turn_is_told_in_the_users(server, tmp_path, refused):
    asked = [Request(chat(f"Book {number}?", "Say loan or fine.", [("A?", "loan")]), 4) for number in range(2)]
    with misbehaving(server, []) as proxy:
        proxy.refuses = lambda body: refused if body["messages"][0]["role"] == "system" else None
        answers = cached(endpoint(proxy.address, concurrency=1, retries=0), tmp_path).ask(asked)
        assert all(one.given for one in answers) and len(proxy.bodies) == 3, "what was refused once is not tried again"
    said = [(turn["role"], turn["content"]) for turn in proxy.bodies[-1]["messages"]]
    assert said == [("user", "Say loan or fine.\n\nA?"), ("assistant", "loan"), ("user", "Book 1?")]


def test_a_server_that_fails_to_make_a_grammar_cannot_do_that_arm_alone(tmp_path):
    with misbehaving("http://127.0.0.1:9/v1", []) as proxy:
        proxy.refuses = lambda body: (500, b'{"error": {"message": "failed to parse grammar"}}')
        model = cached(endpoint(proxy.address, retries=0), tmp_path)
        with pytest.raises(Unsupported, match=r"refuses constrained decoding \(status 500: failed to parse grammar\)"):
            model.ask([Request(chat("Which?"), 3, ("loan", "fine"))])
        with pytest.raises(ModelError) as problem:
            model.ask([Request(chat("Which?"), 3)])
        assert not isinstance(problem.value, Unsupported)


def test_a_server_that_breaks_down_after_it_held_to_a_form_has_failed(tmp_path):
    answer = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "loan"}}
    held = [Request(chat(f"Which of {number}?"), 3, ("loan", "fine")) for number in range(2)]
    with misbehaving("http://127.0.0.1:9/v1", [json.dumps({"choices": [answer]})]) as proxy:
        proxy.refuses = lambda body: (500, "out of memory") if "of 1?" in body["messages"][0]["content"] else None
        with pytest.raises(ModelError) as problem:
            cached(endpoint(proxy.address, concurrency=1, retries=0), tmp_path).ask(held)
        assert not isinstance(problem.value, Unsupported) and "1 of 2 answers came before" in str(problem.value)


def test_a_request_that_a_server_sends_back_says_nothing_of_its_template(tmp_path):
    def echoes(body: dict) -> tuple[int, bytes]:
        """As servers do that check what comes in."""
        return 422, json.dumps({"detail": [{"msg": "temperature is not supported", "input": body}]}).encode()

    with misbehaving("http://127.0.0.1:9/v1", []) as proxy:
        proxy.refuses = echoes
        with pytest.raises(ModelError):
            cached(endpoint(proxy.address, retries=0), tmp_path).ask([Request(chat("Which?", "Say one word."), 3)])
        assert [body["messages"][0]["role"] for body in proxy.bodies] == ["system"] * len(proxy.bodies)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_sends_nothing_more_and_keeps_what_is_on_its_way(server, tmp_path):
    count, workers = 24, 3
    folder = label_case(tmp_path, f"[model]\nmax_new_tokens = 4\nconcurrency = {workers}\n[search]\nembedder = ''\n")
    rows = [(f"Book number {at}", str(at), "test") for at in range(count)]
    write_table(folder / "messages.csv", ["text", "output", "split"], rows)
    with misbehaving(server, []) as proxy:
        command = [*COMMAND, "measure", str(folder), "--endpoint", proxy.address, "--model", NARROW]
        code, told = interrupt_once(command, folder, 2)
        assert code == 1 and "Stopped. What was answered is kept" in told and "Traceback" not in told
        kept, sent = len(answers_in(folder)), len(proxy.bodies)
        assert 2 <= kept == sent < count
        again = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment())
        assert again.returncode == 0, again.stderr
        assert len(proxy.bodies) == count == len(answers_in(folder))


class FullDisk(AnswerCache):
    """A cache whose disk has room for so many answers; what is refused is SQLite's own doing."""

    def fill(self, room: int) -> None:
        """Let the file grow by so many pages."""
        pages = self._connection.execute("PRAGMA page_count").fetchone()[0]
        self._connection.execute(f"PRAGMA max_page_count = {pages + room}")

    def put(self, key: str, answer: Answer) -> None:
        """Keep an answer, as slowly as a busy disk does: the server is quicker."""
        time.sleep(0.05)
        super().put(key, answer)


def test_a_full_disk_stops_the_sending(server, tmp_path):
    requests = [Request(chat(f"{number} and {'on ' * 100}"), 2) for number in range(40)]
    with misbehaving(server, []) as proxy:
        cache = FullDisk(tmp_path / "answers.sqlite")
        cache.fill(0)
        model = CachedModel(endpoint(proxy.address, concurrency=2), cache)
        with pytest.raises(ModelError, match="takes no more answers"):
            model.ask(requests)
        assert 0 < len(answers_in(tmp_path)) >= len(proxy.bodies) - 2, "two are on their way at a time"


FILTERED = [
    (400, "The response was filtered due to the prompt triggering Azure OpenAI's content management policy."),
    (403, "Your input was flagged by moderation."),
    (422, "content_policy_violation"),
]


@pytest.mark.parametrize("how", [*FILTERED, "content_filter", "refusal"])
def test_an_answer_that_a_filter_keeps_back_costs_itself_alone_and_is_kept(server, tmp_path, how):
    def answers(answer: dict) -> dict:
        """As a vendor's server does."""
        choice = answer["choices"][0]
        choice["message"]["content"] = None
        if how == "refusal":
            choice["message"]["refusal"] = "I cannot help with that."
        else:
            choice["finish_reason"] = "content_filter"
        return answer

    with misbehaving(server, []) as proxy:
        model = cached(endpoint(proxy.address, concurrency=1, retries=0), tmp_path)
        assert model.ask(QUESTIONS[:1])[0].given
        if isinstance(how, str):
            proxy.answers = answers
        else:
            proxy.refuses = lambda body: how
        one = model.ask(QUESTIONS[1:2])[0]
        assert not one.given and not one.text and (how[1].rstrip(".") if isinstance(how, tuple) else "") in one.refused
        assert "filter" in one.refused or "refused by the model (I cannot help with that.)" in one.refused
        proxy.refuses, proxy.answers = (lambda body: None), (lambda answer: answer)
        sent = len(proxy.bodies)
        assert model.ask(QUESTIONS)[1] == one and len(proxy.bodies) == sent + 2


def test_what_a_filter_kept_back_is_told_and_counts_as_incorrect(server, tmp_path):
    folder = label_case(tmp_path, "[model]\nmax_new_tokens = 4\n[search]\nembedder = ''\n")
    rows = [(f"Book number {at}", str(at), "test") for at in range(4)]
    write_table(folder / "messages.csv", ["text", "output", "split"], rows)
    case = read_case(folder)
    with misbehaving(server, []) as proxy:
        proxy.refuses = lambda body: FILTERED[0] if "number 2" in str(body) else None
        results = Measurement(case, endpoint(proxy.address)).run()
    (one,) = results.tested
    assert [bool(each.refused) for each in one.predictions] == [False, False, True, False]
    assert not one.predictions[2].right and not one.predictions[2].abstained
    said = [each.what for each in case.findings if each.where == one.arm.name]
    assert any("1 of 4 prompts got no answer and count as incorrect: kept back" in what for what in said)


LONG = [Request(chat(f"{'The desk is open from nine to five. ' * times}Is it?"), 4) for times in (40, 60)]
REFUSALS = [
    (400, "This model's maximum context length is 2048 tokens. However, you requested 9000 tokens, 40 in max_tokens."),
    (
        400,
        "'max_tokens' or 'max_completion_tokens' is too large: 40. This model's maximum context length is 512 tokens.",
    ),
    (400, "the request exceeds the available context size. try increasing the context size or enable context shift"),
    (400, "prompt is too long: 210000 tokens > 200000 maximum"),
    (422, "Input is too long for requested model."),
    (500, "Context size has been exceeded."),
    (413, "Payload"),
]


@pytest.mark.parametrize(("status", "message"), REFUSALS)
def test_a_prompt_too_long_for_a_server_costs_its_own_answer_alone(server, tmp_path, status, message):
    with misbehaving(server, []) as proxy:
        proxy.refuses = lambda body: (status, message) if len(str(body["messages"])) > 1000 else None
        model = cached(endpoint(proxy.address, concurrency=1, retries=0), tmp_path)
        answers = model.ask([LONG[0], QUESTIONS[0], LONG[1]])
        assert [bool(one.too_long) for one in answers] == [True, False, True]
        assert not answers[0].given and answers[1].given and f"status {status}" in answers[0].too_long
        assert len(proxy.bodies) == 2, "what is longer than a prompt that was refused is not sent"
        assert all("max_tokens" in body for body in proxy.bodies)
        proxy.refuses = lambda body: None
        again = cached(endpoint(proxy.address, concurrency=1), tmp_path).ask(LONG)
        assert all(one.text and not one.too_long for one in again), "a server may be given more room"


def test_a_server_that_cuts_prompts_off_without_a_word_is_found_out(server, tmp_path):
    prompt = Request(chat("Which of them is the desk? " + "The desk is open from nine to five. " * 150), 4)
    with misbehaving(server, []) as proxy:
        proxy.shortens = lambda body: body | {"messages": [{"role": "user", "content": "The desk is open."}]}
        found = cached(endpoint(proxy.address), tmp_path / "a").ask([prompt])[0]
        assert found.text and "counted only" in found.too_long and "larger context" in found.too_long
        believed = cached(endpoint(proxy.address, context=8192), tmp_path / "b").ask([prompt])[0]
        assert believed.text and not believed.too_long
    whole = cached(endpoint(server), tmp_path / "c").ask([prompt])[0]
    assert whole.text and not whole.too_long


def test_a_context_that_is_set_is_kept_to(server, tmp_path):
    with misbehaving(server, []) as proxy:
        answers = cached(endpoint(proxy.address, context=200), tmp_path).ask([LONG[0], QUESTIONS[0]])
        assert "context of 200 tokens" in answers[0].too_long and answers[1].text and len(proxy.bodies) == 1
    here = dict(LocalModel(MODEL, context=200).answers([LONG[0], QUESTIONS[0]]))
    assert "context of 200 tokens" in here[0].too_long and here[1].text
    assert not here[0].given and LocalModel(MODEL).context == 8192


def test_newer_models_are_asked_in_the_words_that_they_know(server, tmp_path):
    def refuses(body: dict) -> tuple[int, str] | None:
        """As a vendor's reasoning models do."""
        if "max_tokens" in body:
            return 400, "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."
        if "temperature" in body:
            return 400, "Unsupported value: 'temperature' does not support 0 with this model."
        return None

    def old_words(body: dict) -> dict:
        """What the real server knows."""
        return {name: value for name, value in body.items() if name != "max_completion_tokens"} | {"max_tokens": 4}

    with misbehaving(server, []) as proxy:
        proxy.refuses, proxy.shortens = refuses, old_words
        model = cached(endpoint(proxy.address, concurrency=1), tmp_path)
        answers = model.ask(QUESTIONS[:2])
        assert all(one.text and one.sampled for one in answers) and model.sampled
        assert len(proxy.bodies) == 4, "what was refused once is not tried again"
        assert proxy.bodies[-1]["max_completion_tokens"] == 4


def thinking(where: str, finish: str = "length"):
    """What a model sends back that spends everything on thinking, where each kind of server puts it."""

    def changed(answer: dict) -> dict:
        choice = answer["choices"][0]
        said = choice["message"]["content"]
        choice["finish_reason"] = finish
        if where == "<think>":
            choice["message"]["content"] = f"<think>{said}" + ("</think> 4" if finish == "stop" else "")
        elif where == "counted":
            choice["message"]["content"] = ""
            answer["usage"]["completion_tokens_details"] = {"reasoning_tokens": 4}
        else:
            choice["message"] |= {"content": None, where: said}
        return answer

    return changed


@pytest.mark.parametrize("where", ["reasoning_content", "reasoning", "<think>", "counted"])
def test_a_model_that_only_thinks_is_told_of_by_its_cause(server, tmp_path, where):
    with misbehaving(server, []) as proxy:
        proxy.answers = thinking(where)
        model = cached(endpoint(proxy.address, concurrency=1), tmp_path)
        with pytest.raises(ModelError, match=r"on thinking before it answered: raise .* max_new_tokens"):
            model.ask(QUESTIONS[:1])
        assert len(proxy.bodies) == 1
        proxy.answers = lambda answer: answer
        assert model.ask(QUESTIONS[:1])[0].text
        proxy.answers = thinking(where)
        later = model.ask(QUESTIONS[1:2])[0]
        assert later.cut and not later.given, "one question among others is thought about too long"


def test_what_is_thought_is_no_answer(server, tmp_path):
    with misbehaving(server, []) as proxy:
        proxy.answers = thinking("<think>", "stop")
        assert cached(endpoint(proxy.address), tmp_path).ask(QUESTIONS[:1])[0].text == "4"
    assert [after_thinking(text) for text in ("a", "b</think>c", "<think>d", "<think>e</think>\nf")] == [
        "a",
        "c",
        "",
        "f",
    ]


def test_a_model_trained_anew_at_the_same_place_is_asked_anew(tmp_path):
    folder = tmp_path / "model"
    first = LocalModel(str(save(FAMILIES["qwen2"], folder)))
    assert LocalModel(str(folder)).identity == first.identity
    kept = cached(first, tmp_path)
    kept.ask(QUESTIONS[:1])
    trained, _ = LocalModel(str(folder)).loaded
    trained.lm_head.weight.data += 1
    trained.save_pretrained(folder)
    again = cached(LocalModel(str(folder)), tmp_path)
    assert again.missing(QUESTIONS[:1])
    assert kept.missing(QUESTIONS[:1]) == []


def test_a_model_of_the_hub_is_known_by_its_commit(local):
    snapshots = {path.name for path in (ROOT / ".cache" / "huggingface" / "hub").glob("models--*/snapshots/*")}
    assert local.identity.split()[-1] in snapshots
    assert LocalModel("nobody/nothing").version == ""


NO_MEMORY = """
import resource, sys
from pathlib import Path
from rung.models import LocalModel, Request, chat
model = LocalModel(sys.argv[1], context=10**6)
model.loaded[0].set_attn_implementation("eager")  # whose memory grows with the square of the prompt
few = [Request(chat(f"Say {place}"), 2) for place in range(3)]
print(len(dict(model.answers(few))))
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + int(sys.argv[2]), -1))
answers = dict(model.answers([*few, Request(chat("A long one. " * 2000), 2)]))
print([bool(answers[place].too_long) for place in range(4)], answers[3].too_long)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited as Linux does it")
def test_too_little_memory_costs_the_longest_prompts_alone(tmp_path):
    model = save(FAMILIES["qwen2"], tmp_path / "model")
    command = [sys.executable, "-c", NO_MEMORY, str(model), str(100_000_000)]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "rung" / "src"), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines()[1].startswith("[False, False, False, True] more than this machine's memory")


def test_a_server_that_is_not_there_is_one_sentence(tmp_path):
    model = cached(endpoint(f"http://127.0.0.1:{free_port()}/v1", retries=0), tmp_path)
    with pytest.raises(ModelError, match="cannot be reached"):
        model.ask(QUESTIONS[:1])


@pytest.mark.parametrize(
    "address",
    ["localhost:11434/v1", "ftp://a", "http://", "http://a:b/v1", "http://a:99999/v1", "http://[::1/v1", " http://a"],
)
def test_what_is_no_address_is_refused_before_anything_is_read(address):
    with pytest.raises(ModelError, match="An endpoint is an address such as http://localhost:11434/v1, unlike"):
        endpoint(address)


@pytest.mark.parametrize("address", ["http://me:s3cret@a.example/v1", "https://s3cret@a.example:8000/v1"])
def test_a_password_in_an_address_is_refused_and_not_shown(address):
    with pytest.raises(ModelError, match="holds no name or password") as problem:
        endpoint(address)
    assert "s3cret" not in str(problem.value)


@pytest.mark.parametrize("key", ["sk-12…", "sk-12\nsk-34", "ключ"])
def test_a_key_that_cannot_be_sent_is_refused_and_not_shown(monkeypatch, key):
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(ModelError, match="OPENAI_API_KEY holds a sign that is in no key") as problem:
        endpoint("http://localhost:11434/v1")
    assert key[:5] not in str(problem.value)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-12\n")
    assert endpoint("http://localhost:11434/v1")


def test_no_proxy_stands_between_this_machine_and_itself(server, tmp_path, monkeypatch):
    with misbehaving(server, []) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.address.removesuffix("/v1"))
        assert cached(endpoint(server), tmp_path).ask(QUESTIONS[:1])[0].text
        assert not proxy.bodies


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "127.0.0.1", "127.9.8.7", "::1"])
def test_loopback_is_this_machine(host):
    assert is_this_machine(host)


@pytest.mark.parametrize("host", ["", "localhost.example.org", "128.0.0.1", "192.168.0.2", "::2", "127.example.org"])
def test_any_other_host_is_not_this_machine(host):
    assert not is_this_machine(host)


def test_labels_have_room_for_what_they_are_wrapped_in(server, tmp_path):
    with misbehaving(server, []) as proxy:
        proxy.shortens = lambda body: {name: value for name, value in body.items() if name != "response_format"}
        held = [Request(chat("Which?"), 3, ("loan",)), Request(chat("Which?"), 30, pattern="[a-z]+")]
        cached(endpoint(proxy.address, concurrency=1), tmp_path).ask([*held, Request(chat("Which?"), 3)])
        assert [body["max_tokens"] for body in proxy.bodies] == [64 + 16, 30 + 16, 3]


def test_only_other_machines_are_away():
    assert not endpoint("http://localhost:11434/v1").leaves_the_machine
    assert endpoint("https://api.example.org/v1").leaves_the_machine


def test_a_spoilt_cache_says_so(tmp_path):
    (tmp_path / "answers.sqlite").write_bytes(b"not a database, and long enough to be read as one" * 20)
    with pytest.raises(ModelError, match="Move it away"):
        AnswerCache(tmp_path / "answers.sqlite")


def test_a_cache_that_is_only_locked_keeps_its_answers(tmp_path):
    cache = AnswerCache(tmp_path / "answers.sqlite")
    cache._connection.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(tmp_path / "answers.sqlite")) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ModelError, match=r"is locked. Run the same command again.$"):
            cache.get("any")


def test_a_cache_that_is_damaged_within_says_so(tmp_path):
    path = tmp_path / "answers.sqlite"
    cache = AnswerCache(path)
    keys = [AnswerCache.key("model", Request(chat(str(number)), 4)) for number in range(100)]
    for key in keys:
        cache.put(key, Answer("loan" * 20, 1, 1, 0.1))
    content = path.read_bytes()
    path.write_bytes(content[:8192] + b"\xff" * (len(content) - 8192))
    with pytest.raises(ModelError, match="Move it away to begin anew"):
        [AnswerCache(path).get(key) for key in keys]
