"""Asking models: one on this machine, and a real server through a proxy that fails in each of the ways servers do."""

import pytest
from rung.errors import ModelError
from rung.models import AnswerCache, CachedModel, EndpointModel, LocalModel, Request, chat
from rung.settings import ModelSettings

from tests.rung.servers import MODEL, free_port, misbehaving, transformers_serve

QUESTIONS = [Request(chat(f"What is {number} plus {number}?"), 4) for number in range(4)]


@pytest.fixture(scope="session")
def local():
    return LocalModel(MODEL)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with transformers_serve(tmp_path_factory.mktemp("server") / "log") as address:
        yield address


def endpoint(address: str, **settings) -> EndpointModel:
    return EndpointModel(ModelSettings(MODEL, address, **({"retries": 2, "timeout": 300.0} | settings)))


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


def test_a_server_answers_as_the_model_does(server, local, tmp_path):
    answers = cached(endpoint(server), tmp_path).ask(QUESTIONS[:2])
    assert [one.text for one in answers] == [dict(local.answers(QUESTIONS[:2]))[place].text for place in range(2)]
    assert answers[0].prompt_tokens == local.count(QUESTIONS[:1])[0] and answers[0].cut


@pytest.mark.parametrize("fault", ["429", "500", "503", "cut off", "nonsense", "empty", "slow"])
def test_passing_faults_are_survived(server, tmp_path, fault):
    patience = 8.0 if fault == "slow" else 300.0
    with misbehaving(server, [fault], patience) as proxy:
        answers = cached(endpoint(proxy.address, timeout=patience, concurrency=1), tmp_path).ask(QUESTIONS[:1])
    assert answers[0].text and len(proxy.bodies) >= 2


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("401", "refuses the key"),
        ("404", "knows no model"),
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


def test_a_server_that_is_not_there_is_one_sentence(tmp_path):
    model = cached(endpoint(f"http://127.0.0.1:{free_port()}/v1", retries=0), tmp_path)
    with pytest.raises(ModelError, match="cannot be reached"):
        model.ask(QUESTIONS[:1])


def test_an_address_without_a_scheme_is_refused():
    with pytest.raises(ModelError, match="begins with http"):
        endpoint("localhost:11434/v1")


def test_only_other_machines_are_away():
    assert not endpoint("http://localhost:11434/v1").leaves_the_machine
    assert endpoint("https://api.example.org/v1").leaves_the_machine


def test_a_spoilt_cache_says_so(tmp_path):
    (tmp_path / "answers.sqlite").write_bytes(b"not a database, and long enough to be read as one" * 20)
    with pytest.raises(ModelError, match="Move it away"):
        AnswerCache(tmp_path / "answers.sqlite")
