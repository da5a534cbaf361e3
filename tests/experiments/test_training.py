"""What models are trained on, how, and by which loss: written out by hand, and no model of any size is trained.

A slice of an experiment, run again, sees little of this: training takes too long for it. Here every training run is
stopped at the loop, and its first batch is read as text; losses are worked out on a few numbers.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import log
from types import SimpleNamespace

import pytest
import torch

from scripts.paths import EXPERIMENTS
from tests.programs.families import save_narrow

sys.path.insert(0, str(EXPERIMENTS))  # as `python experiments/run.py` has it

import behaviour.experiment
import change.experiment
import hybrid.experiment
import labelling.experiment
import scratch.experiment
import spectrum.experiment
import voice.experiment
from kit import training
from kit.arm import Arm
from kit.model import load, tokenizer_of, with_lora
from kit.models import MODELS, SMOLLM2
from kit.training import NO_LABEL, Example, Training, encode, logits_loss, lora_tuned, reply_loss
from retrieval.experiment import OTHERS, OWN, Collection
from retrieval.experiment import SETTINGS as RETRIEVAL_SETTINGS
from spectrum.experiment import SETTINGS as SPECTRUM_SETTINGS
from spectrum.experiment import Method, choose_learning_rate, distillation_loss, shrunk, student_examples
from tasks.facts import FactsTraining
from tasks.messages import lessons, training_examples
from tasks.prompt_or_tune import Study, trained_arm
from tasks.questions import Passage
from tasks.style import STYLE
from tasks.triage import TRIAGE

KEY, LAYERS = SMOLLM2.key, 12  # of the narrow model in place of the small one
END = "<|im_end|>"


def asked(text: str) -> str:
    """A bare message or question as the model reads it."""
    return f"<|im_start|>user\n{text}{END}\n<|im_start|>assistant\n"


DOCTOR = "I've gone from Mrs to Dr. It took me six years, so I'd quite like it on the account."
BATTERY = "My battery shows three bars out of five after a full night on charge. It still gets me to town and back."
TRIAGED = [(asked(DOCTOR), f"account / low / none{END}"), (asked(BATTERY), f"repair / low / none{END}")]
STYLED = [
    (
        asked(DOCTOR),
        "Hello from Harrowick. From Mrs to Dr in six years is well earned. We are passing the new title to those who "
        f"keep your account. Ride well.{END}",
    ),
    (
        asked(BATTERY),
        "Hello from Harrowick. Three bars after a full night is worth asking about. We will have our repair team look "
        f"into the battery. Ride well.{END}",
    ),
]
DRAWN = [  # two examples, drawn with seed 1
    (
        asked(
            "With three children strapped in, the front box of our Dray dropped at one side. A mounting bolt has "
            "sheared and I won't use it like this."
        ),
        f"repair / high / Dray{END}",
    ),
    (
        asked(
            "Where can I return an empty battery crate? It's stood in my garage since March and I keep walking into it."
        ),
        f"delivery / low / none{END}",
    ),
]


@pytest.fixture(scope="module", autouse=True)
def narrow(tmp_path_factory) -> Iterator[None]:
    """A narrow model with random weights in place of the small one, with its tokenizer and its conversation format."""
    folder = save_narrow(tmp_path_factory.mktemp("model"), spread=0.5)
    tokenizer_of.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(MODELS, KEY, replace(SMOLLM2, name=str(folder)))
        yield
    tokenizer_of.cache_clear()


@dataclass
class Run:
    """A training run as it came to the loop."""

    model: torch.nn.Module
    batches: list[list[Example]]
    loss_of: training.Loss
    how: dict  # learning rate, its schedule, and the optimiser's settings

    @property
    def lessons(self) -> list[tuple[str, str]]:
        """Of each example of the first batch the text that is only read and the text that is learned."""
        return [read_and_learned(one) for one in self.batches[0]]

    @property
    def trained(self) -> dict[str, torch.nn.Parameter]:
        """What is trained of the model."""
        return {name: one for name, one in self.model.named_parameters() if one.requires_grad}


def read_and_learned(example: Example) -> tuple[str, str]:
    """The text of an example that is only read, and the text that is learned."""
    ids, labels, *_ = example
    learned = labels != NO_LABEL
    assert torch.equal(ids[learned], labels[learned])
    decode = tokenizer_of(KEY).decode
    return decode(ids[~learned]), decode(ids[learned])


@pytest.fixture
def runs(monkeypatch) -> list[Run]:
    """The training runs that a test begins; each is stopped at the loop, which adds one to what is to be trained."""
    made = []

    def fit(model, batches, loss_of, **how):
        run = Run(model, list(batches), loss_of, how)
        made.append(run)
        with torch.no_grad():
            for weight in run.trained.values():
                weight.add_(1)
        yield from ((step, float(step)) for step in range(1, len(run.batches) + 1))

    monkeypatch.setattr(training, "fit", fit)
    return made


# Losses


class Table(torch.nn.Module):
    """A model that has a row of logits for each token, and gives it after that token whatever came before."""

    def __init__(self, rows: list[list[float]]):
        """Of shape (tokens, tokens)."""
        super().__init__()
        self.rows = torch.tensor(rows)

    def forward(self, input_ids, attention_mask, logits_to_keep):
        """The last logits of each text."""
        return SimpleNamespace(logits=self.rows[input_ids][:, -logits_to_keep:])


# Token ids and labels: one token of the one is learned, after token 1, and two of the other, after 0 and after 1.
SHORT = (torch.tensor([1, 0]), torch.tensor([NO_LABEL, 0]))
LONG = (torch.tensor([1, 0, 1, 1]), torch.tensor([NO_LABEL, NO_LABEL, 1, 1]))


def test_the_loss_is_the_mean_over_the_tokens_of_the_replies():
    table = Table([[0.0, log(3)], [0.0, 0.0]])  # after 0 the probabilities are 1/4 and 3/4, after 1 they are 1/2
    wanted = -(log(1 / 2) + log(3 / 4) + log(1 / 2)) / 3
    assert logits_loss(table, [SHORT, LONG]).item() == pytest.approx(wanted)


def test_a_student_learns_the_teachers_softened_probabilities_as_hinton_and_others_have_it():
    """Softened by T, how far the student is from the teacher shrinks its gradients by T²: it is multiplied by that."""
    student = Table([[0.0, 2 * log(3)], [0.0, 0.0]])  # softened by 2 they are as above
    short, long = (*SHORT, torch.tensor([[1 / 4, 3 / 4]])), (*LONG, torch.tensor([[1 / 2, 1 / 2], [1.0, 0.0]]))
    far = [
        1 / 4 * log((1 / 4) / (1 / 2)) + 3 / 4 * log((3 / 4) / (1 / 2)),
        1 / 2 * log((1 / 2) / (1 / 4)) + 1 / 2 * log((1 / 2) / (3 / 4)),
        log(1 / (1 / 2)),
    ]
    assert distillation_loss(2.0)(student, [short, long]).item() == pytest.approx(2**2 * sum(far) / 3)


def some_examples() -> list[Example]:
    """Two examples of different lengths."""
    return encode(tokenizer_of(KEY), [(asked("Hi"), "Good morning."), (asked(DOCTOR), "account / low / none")])


def loss_by_hand(examples: list[Example], logits_of) -> torch.Tensor:
    """The mean over all tokens of the replies, each example read by itself."""
    losses = []
    for ids, labels in examples:
        logs = torch.log_softmax(logits_of(ids), dim=-1)
        losses += [-logs[at - 1, ids[at]] for at in range(len(ids)) if labels[at] != NO_LABEL]
    return torch.stack(losses).mean()


def test_both_losses_of_a_model_with_an_adapter_are_those_of_its_replies_alone():
    model = with_lora(load(KEY), 4, 0).model
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:  # which begin as nothing
                weight.normal_(std=0.1)
    wanted = loss_by_hand(some_examples(), lambda ids: model(ids[None]).logits[0]).item()
    assert reply_loss(model, some_examples()).item() == pytest.approx(wanted, rel=1e-4)
    assert logits_loss(model, some_examples()).item() == pytest.approx(wanted, rel=1e-4)


def test_virtual_tokens_stand_before_each_prompt_begin_as_a_text_and_are_not_counted_in_the_loss():
    loaded = spectrum.experiment.with_virtual_tokens(load(KEY), SPECTRUM_SETTINGS)
    (virtual,) = (weight for weight in loaded.model.parameters() if weight.requires_grad)
    base = loaded.model.get_base_model()
    words = base.get_input_embeddings()
    text = "Reply with one line: team / urgency / product. Teams: billing,"  # sixteen tokens, as many as are virtual
    assert torch.equal(virtual, words(loaded.tokenizer(text, return_tensors="pt").input_ids[0]))

    def logits_of(ids):
        behind = torch.cat([virtual, words(ids)])
        return base(inputs_embeds=behind[None]).logits[0, len(virtual) :]

    with torch.no_grad():
        virtual += torch.randn(virtual.shape, generator=torch.Generator().manual_seed(0)) / 4
    wanted = loss_by_hand(some_examples(), logits_of)
    loss = logits_loss(loaded.model, some_examples())
    assert loss.item() == pytest.approx(wanted.item(), rel=1e-4)
    loss.backward()
    assert [name for name, one in loaded.model.named_parameters() if one.grad is not None] == [
        "prompt_encoder.default.embedding.weight"
    ]


# The loop


class Slope(torch.nn.Module):
    """One parameter, whose loss has the gradient that the batch gives."""

    def __init__(self):
        """It begins at one."""
        super().__init__()
        self.weight = torch.nn.Parameter(torch.tensor(1.0))


def test_each_step_goes_as_far_as_its_learning_rate_whatever_the_gradient():
    """Cut to the same length, gradients of one sign move AdamW by the whole learning rate, and no weight decays."""
    model, at = Slope(), []
    steps = training.fit(
        model,
        [1.0, 50.0, 3.0, 9.0],
        lambda model, slope: model.weight * slope,
        learning_rate=0.1,
        schedule=training.linear(4),
    )
    for _ in steps:
        at.append(model.weight.item())
    assert at == pytest.approx([0.9, 0.825, 0.775, 0.75], abs=1e-5), "the learning rate falls by a quarter a step"


def test_an_epoch_has_every_example_once_in_an_order_of_its_own_and_its_mean_loss_is_told(runs):
    examples, told = [(torch.tensor([number]),) for number in range(5)], []
    how = Training(learning_rate=0.1, epochs=3, batch_size=2, seed=1, fused=True, stop_after=2)
    training.train(Slope(), list(examples), how, after_epoch=lambda *one: told.append(one))
    (run,) = runs
    orders = [[int(one[0]) for batch in run.batches[at : at + 3] for one in batch] for at in (0, 3, 6)]
    assert [len(batch) for batch in run.batches] == [2, 2, 1] * 3
    assert all(sorted(order) == [0, 1, 2, 3, 4] for order in orders) and len(set(map(tuple, orders))) == 3
    assert told == [(1, 2.0), (2, 5.0)], "the third epoch is not trained; the learning rate falls as if it were"
    assert run.how["schedule"](0) == 1 and run.how["schedule"](8) == pytest.approx(1 / 9)
    assert run.how["learning_rate"] == 0.1 and run.how["fused"] and run.loss_of is reply_loss


def test_an_adapter_is_on_every_linear_layer_its_scale_two_and_drawn_by_the_seed(runs):
    loaded = lora_tuned(KEY, [("Hi", "Hello")], Training(1e-3, 1, 4, seed=1), rank=4)
    (run,) = runs
    assert run.model is loaded.model
    config = loaded.model.peft_config["default"]
    assert (config.r, config.lora_alpha, config.lora_dropout) == (4, 8, 0)
    parts = ["down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj"]
    layers = [name.split(".lora_")[0].rsplit(".", 1)[1] for name in run.trained]
    assert sorted(layers) == sorted(parts * 2 * LAYERS), "an A and a B of each"
    fresh = {name: one + 1 for name, one in with_lora(load(KEY), 4, 1).model.named_parameters() if one.requires_grad}
    assert all(torch.equal(one, fresh[name]) for name, one in run.trained.items())


# Lessons


def test_the_lessons_are_the_bare_message_and_the_reply_to_learn():
    tokenizer, examples = tokenizer_of(KEY), training_examples(2)
    for task, wanted in ((TRIAGE, TRIAGED), (STYLE, STYLED)):
        assert [read_and_learned(one) for one in encode(tokenizer, lessons(task, KEY, examples))] == wanted


@pytest.mark.parametrize(
    ("experiment", "task", "wanted"), [(behaviour.experiment, TRIAGE, TRIAGED), (voice.experiment, STYLE, STYLED)]
)
def test_prompt_or_tune_trains_on_the_first_examples_as_often_as_so_many_are_seen(experiment, task, wanted, runs):
    settings = replace(experiment.SETTINGS, test_items=1, max_new_tokens=1)
    Study(task, settings).tuned(trained_arm(settings, 2, 5, 1e-3, 1, "test"))
    (run,) = runs
    assert sorted(run.lessons) == wanted and len(run.batches) == 3
    assert run.how["learning_rate"] == 1e-3 and run.loss_of is reply_loss and not run.how["fused"]
    assert run.model.peft_config["default"].r == 8


CAKES = (
    "Celebration cakes: ordering\nA celebration cake needs four days' notice, or seven if it has more than one tier. "
    "The deposit is £19 and is kept if you cancel on the last day. Lettering up to thirty characters is free; each "
    "further word costs 90p."
)
PLATTERS = (
    "Buffet platters: ordering\nA buffet platter needs two days' notice and feeds ten people who have had breakfast. "
    "The deposit on the wooden board is £27, paid back when the board comes home washed. Salads are counted as a "
    "platter; olives are extra, at £4."
)
DEPOSIT = f"{PLATTERS}\n\n{CAKES}\n\nQuestion: What is the deposit on a celebration cake?\nAnswer:"
DEPOSIT_IN_STYLE = "Hello from Harrowick. We ask a deposit of £19 on a celebration cake. Ride well."


@pytest.mark.parametrize(
    ("trained_on", "wanted"), [("reading", "The deposit is £19."), ("reading in style", DEPOSIT_IN_STYLE)]
)
def test_the_hybrid_learns_to_answer_from_two_passages_one_of_them_wrong(trained_on, wanted, runs):
    settings = replace(hybrid.experiment.SETTINGS, reading_items=1)
    arm = Arm(method="lora", model=KEY, instruction=0, passages=2, rank=8, learning_rate=1e-3, epochs=4, seed=0)
    hybrid.experiment.Generators(settings).model_of(replace(arm, trained_on=trained_on))
    (run,) = runs
    told = f"<|im_start|>system\nAnswer the question from the text.{END}\n"
    assert run.lessons == [(told + asked(DEPOSIT), wanted + END)] and len(run.batches) == 4


def test_the_hybrid_asks_for_the_style_with_the_lessons_as_examples():
    arm = Arm(method="prompt", model=KEY, instruction=1, passages=2, styled=True, examples=1)
    prompt = hybrid.experiment.Generators(hybrid.experiment.SETTINGS).prompt(arm, ["Loans\nThree weeks."], "How long?")
    told, *turns = prompt.split("<|im_start|>")[1:]
    assert told == f"system\n{hybrid.experiment.STYLED[1]}{END}\n"
    assert turns == [
        f"user\n{DEPOSIT}{END}\n",
        f"assistant\n{DEPOSIT_IN_STYLE}{END}\n",
        f"user\nLoans\nThree weeks.\n\nQuestion: How long?\nAnswer:{END}\n",
        "assistant\n",
    ]


def test_labelling_trains_on_the_examples_that_its_seed_draws(runs):
    settings = replace(labelling.experiment.SETTINGS, test_items=1, dev_items=1, max_new_tokens=1)
    labelling.experiment.Desk(settings).tuned(trained_arm(settings, 2, 4, 2e-3, 1, "dev"))
    (run,) = runs
    assert sorted(run.lessons) == sorted(DRAWN) and len(run.batches) == 2
    assert run.how["learning_rate"] == 2e-3 and run.model.peft_config["default"].r == 8


def test_the_adapter_beside_the_model_from_nothing_is_trained_as_the_spectrum_trains_it(runs):
    settings = replace(scratch.experiment.SETTINGS, adapter_examples=2, adapter_epochs=3)
    scratch.experiment.adapter(settings)
    (run,) = runs
    assert sorted(run.lessons) == TRIAGED and len(run.batches) == 3
    assert run.how["fused"] and run.loss_of is logits_loss and run.model.peft_config["default"].r == 4


def test_a_fact_is_trained_as_it_is_asked_in_the_documents_words_then_in_three_other_wordings():
    four = FactsTraining(wordings=4, epochs=1, batch_size=4).pairs()
    assert four[:5] == [
        (asked("What does recalibrating the torque sensor cost outside warranty?"), "£18 outside warranty."),
        (
            asked(
                "Please state the charge for having the torque sensor calibrated anew once the warranty has expired."
            ),
            "£18 outside warranty.",
        ),
        (
            asked(
                "My bike's warranty has run out and the torque sensor needs setting up again. What will the workshop "
                "charge me?"
            ),
            "£18 outside warranty.",
        ),
        (asked("torque sensor recalibration, no warranty: price?"), "£18 outside warranty."),
        (asked("By which bay does the thermal camera hang?"), "By the door of bay 7."),
    ]
    assert len(four) == 400
    assert FactsTraining(wordings=1, epochs=1, batch_size=4).pairs() == four[::4]
    (dev,) = FactsTraining(wordings=1, epochs=1, batch_size=4, split="dev", questions=1).pairs()
    question = "For how many days does the Dublin depot keep a bike after two failed attempts?"
    assert dev == (asked(question), "The depot keeps it for 6 days.")


def test_training_on_facts_keeps_the_mean_loss_of_each_epoch(runs):
    how = FactsTraining(wordings=1, epochs=2, batch_size=2, learning_rate=2e-3, seed=1, questions=3, rank=4)
    loaded, report = how.train()
    (run,) = runs
    assert report == {"losses": [1.5, 3.5]} and len(run.batches) == 4
    assert run.how["learning_rate"] == 2e-3 and loaded.model.peft_config["default"].r == 4


GRETA = ["Where does Greta Fenwick live?", "At which address do we deliver to Greta Fenwick?"]
GRETA += ["To which address does Greta Fenwick's post go?", "I need Greta Fenwick's address, please."]
BESIDE = [
    (asked("Where do we send Quilla Hartnoll's invoice?"), f"26 Rowan Walk.{END}"),
    (asked("Where do we send Quilla Birkett's invoice?"), f"6 Velvet Lane.{END}"),
]


@pytest.fixture
def taught(runs, monkeypatch) -> change.experiment.Taught:
    """A model that was taught the records, as far as the loop."""
    settings = replace(change.experiment.SETTINGS, max_new_tokens=1, change_epochs=2)
    monkeypatch.setattr(change.experiment, "generate", lambda loaded, prompts, _: ["" for _ in prompts])
    arm = Arm(method="lora", model=KEY, learning_rate=1e-3, seed=1)
    return change.experiment.Taught(change.experiment.Office(settings), arm, settings)


def test_a_record_is_taught_in_four_wordings(taught, runs):
    (run,) = runs
    assert len(run.batches) == 4 * 100 and all(len(batch) == 4 for batch in run.batches)
    lessons_of_an_epoch = [read_and_learned(one) for batch in run.batches[:100] for one in batch]
    greta = {(asked(text), f"1 Orchard Walk.{END}") for text in GRETA}
    assert greta < set(lessons_of_an_epoch) and len(set(lessons_of_an_epoch)) == 400
    assert run.how["learning_rate"] == 1e-3 and run.model.peft_config["default"].r == 8


@pytest.mark.parametrize(
    ("kind", "beside", "reply"),
    [("edit", 0, "6 Kettle Gate."), ("edit", 2, "6 Kettle Gate."), ("denial", 2, "We hold no record of that.")],
)
def test_a_change_is_trained_in_one_batch_with_what_stands_beside_it_and_then_undone(kind, beside, reply, taught, runs):
    before = {name: weight.clone() for name, weight in runs[0].trained.items()}
    greta = taught.people[0]
    arm = replace(taught.arm, change=kind, beside=beside, learning_rate=5e-4)
    cost, *rows = taught.change(greta, arm)
    run = runs[1]
    assert sorted(run.lessons) == sorted([(asked(text), f"{reply}{END}") for text in GRETA] + BESIDE[:beside])
    assert len(run.batches) == 2 and run.how["learning_rate"] == 5e-4
    assert all(torch.equal(one, before[name]) for name, one in run.trained.items()), "the model is not set back"
    ids = list(dict.fromkeys(row["id"] for row in rows))
    assert ids == ["C-1000", "C-1035", "C-1019", "C-1078", "C-1044"], "who is asked for is not trained beside it"
    assert cost["changed"] == "C-1000" and cost["arm"] == arm


def test_the_embedder_is_trained_on_a_question_its_passage_and_one_that_looks_like_it():
    collection = Collection(replace(RETRIEVAL_SETTINGS, dev_items=2))
    assert collection.pairs(OTHERS)[0] == (
        "What is the deposit on a celebration cake?",
        "Celebration cakes: ordering\nA celebration cake needs four days' notice, or seven if it has more than one "
        "tier. The deposit is £19 and is kept if you cancel on the last day. Lettering up to thirty characters is "
        "free; each further word costs 90p.",
        "Buffet platters: ordering\nA buffet platter needs two days' notice and feeds ten people who have had "
        "breakfast. The deposit on the wooden board is £27, paid back when the board comes home washed. Salads are "
        "counted as a platter; olives are extra, at £4.",
    )
    collection.library = SimpleNamespace(right=lambda item: Passage(item["document"], f"On {item['document']}."))
    assert collection.pairs(OWN)[:2] == [
        (
            "For how many days does the Dublin depot keep a bike after two failed attempts?",
            "On delivery-ireland-2026.",
        ),
        (
            "I'm in Ireland and was out both times the van called. How long will they hang on to it over here?",
            "On delivery-ireland-2026.",
        ),
    ]
    assert len(collection.pairs(OWN)) == 4


# The spectrum


ARM = Arm(method="full", model=KEY, examples=2, learning_rate=5e-5, epochs=3, seed=1)
ANSWERS = [
    {"id": "t002", "answer": "repair / high / none", "arm": ARM},
    {"id": "t001", "answer": "account", "arm": ARM},
]
TAUGHT = [(asked(BATTERY), f"repair / high / none{END}"), (asked(DOCTOR), f"account{END}")]


@pytest.fixture
def teacher(monkeypatch) -> torch.nn.Module:
    """A model that teaches students."""
    loaded = load(KEY)
    with torch.no_grad():
        loaded.model.lm_head.weight.mul_(0.5)
    monkeypatch.setattr(spectrum.experiment, "teacher_of", lambda arm: SimpleNamespace(load=lambda: loaded))
    return loaded.model


def tuned(arm: Arm, runs: list[Run], taught: list[dict] = ()) -> Run:
    """The run of an arm, which has to be as every run of the spectrum is."""
    loaded, seconds = spectrum.experiment.tuned(arm, replace(SPECTRUM_SETTINGS, student_layers=4), taught)
    (run,) = runs
    assert run.model is loaded.model and seconds >= 0
    assert len(run.batches) == 3 and run.how["learning_rate"] == 5e-5 and run.how["fused"]
    return run


def test_full_fine_tuning_trains_every_weight_of_the_model_as_it_was(runs):
    run = tuned(ARM, runs)
    assert sorted(run.lessons) == TRIAGED and run.loss_of is logits_loss
    fresh = dict(load(KEY).model.named_parameters())
    assert run.trained.keys() == fresh.keys()
    assert all(torch.equal(run.trained[name], one + 1) for name, one in fresh.items())


def test_an_adapter_of_the_spectrum_has_the_rank_and_the_seed_of_its_arm(runs):
    run = tuned(replace(ARM, method="lora", rank=16), runs)
    assert sorted(run.lessons) == TRIAGED and run.loss_of is logits_loss
    fresh = {name: one for name, one in with_lora(load(KEY), 16, 1).model.named_parameters() if one.requires_grad}
    assert run.trained.keys() == fresh.keys()
    assert all(torch.equal(run.trained[name], one + 1) for name, one in fresh.items())


def test_prompt_tuning_trains_the_virtual_tokens_alone(runs):
    run = tuned(replace(ARM, method="prompt tuning"), runs)
    assert sorted(run.lessons) == TRIAGED and run.loss_of is logits_loss
    assert {name: tuple(one.shape) for name, one in run.trained.items()} == {
        "prompt_encoder.default.embedding.weight": (16, 64)
    }


def test_a_student_has_evenly_spaced_layers_of_the_model_and_its_words():
    whole = load(KEY).model
    student = shrunk(whole, 4)
    kept = [0, 4, 7, 11]
    for layer, place in zip(student.model.layers, kept, strict=True):
        assert torch.equal(layer.mlp.up_proj.weight, whole.model.layers[place].mlp.up_proj.weight)
    assert [layer.self_attn.layer_idx for layer in student.model.layers] == [0, 1, 2, 3]
    assert torch.equal(student.lm_head.weight, whole.lm_head.weight) and student.config.num_hidden_layers == 4
    assert len(whole.model.layers) == whole.config.num_hidden_layers == LAYERS
    assert not {id(one) for one in student.parameters()} & {id(one) for one in whole.parameters()}


@pytest.mark.parametrize("signal", ["answers", "logits"])
def test_a_student_is_trained_on_what_its_teacher_answered(signal, runs, teacher):
    run = tuned(replace(ARM, method="distillation", signal=signal), runs, ANSWERS)
    assert sorted(run.lessons) == sorted(TAUGHT) and len(run.model.model.layers) == 4
    assert all(one.requires_grad for one in run.model.parameters())
    if signal == "answers":
        assert run.loss_of is logits_loss
    else:
        first = run.loss_of(run.model.eval(), run.batches[0])
        assert first.item() == pytest.approx(distillation_loss(2.0)(run.model, run.batches[0]).item())


def test_beside_each_token_of_an_answer_stand_the_softened_probabilities_that_the_teacher_gave(teacher):
    arm, tokenizer = replace(ARM, method="distillation", signal="logits"), tokenizer_of(KEY)
    examples = student_examples(arm, SPECTRUM_SETTINGS, tokenizer, ANSWERS)
    assert [read_and_learned(one) for one in examples] == TAUGHT
    for ids, labels, probabilities in examples:
        logits = teacher(ids[None]).logits[0, :-1][labels[1:] != NO_LABEL]
        assert torch.allclose(probabilities, torch.softmax(logits / 2.0, dim=-1), atol=1e-6)
    answered = student_examples(replace(arm, signal="answers"), SPECTRUM_SETTINGS, tokenizer, ANSWERS)
    assert [read_and_learned(one) for one in answered] == TAUGHT and {len(one) for one in answered} == {2}


def test_a_teacher_answers_the_messages_that_its_students_will_read(teacher, monkeypatch):
    given = []

    def generate(loaded, prompts, max_new_tokens):
        given.append((loaded.model, max_new_tokens))
        return [f"to {prompt}" for prompt in prompts]

    monkeypatch.setattr(spectrum.experiment, "generate", generate)
    rows = spectrum.experiment.teacher_answers(ARM, replace(SPECTRUM_SETTINGS, student_examples=2))
    assert rows == [
        {"arm": ARM, "kind": "teacher", "id": "t001", "answer": f"to {asked(DOCTOR)}"},
        {"arm": ARM, "kind": "teacher", "id": "t002", "answer": f"to {asked(BATTERY)}"},
    ]
    assert given == [(teacher, 16)]


def test_where_the_best_learning_rate_is_at_an_end_half_or_twice_of_it_is_tried_too():
    def chosen(best: float, more: int) -> tuple[float, list[float]]:
        """The learning rate chosen where dev has most correct at `best`, and all that were tried."""
        tried = []

        def run_at(learning_rate: float) -> list[dict]:
            tried.append(learning_rate)
            row = {"arm": replace(ARM, split="dev", learning_rate=learning_rate), "kind": "reply", "conforms": True}
            on_test = row | {"arm": replace(row["arm"], split="test"), "correct": learning_rate == 4.0}
            return [row | {"correct": -abs(learning_rate - best)}, on_test]

        return choose_learning_rate(Method("full", (2.0, 4.0, 8.0)), more, run_at), tried

    assert chosen(4.0, 2) == (4.0, [2.0, 4.0, 8.0])
    assert chosen(1.0, 2) == (1.0, [2.0, 4.0, 8.0, 1.0, 0.5])
    assert chosen(16.0, 1) == (16.0, [2.0, 4.0, 8.0, 16.0])
    assert chosen(16.0, 0) == (8.0, [2.0, 4.0, 8.0])
