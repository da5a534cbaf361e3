"""Labelling: the triage line without a language model, with the rule and many examples in the prompt, constrained, and
tuned; on 300 test messages, the examples drawn anew for each seed."""

from dataclasses import dataclass, replace
from functools import partial

from kit.arm import Arm
from kit.decoding import generate_after
from kit.model import Loaded, load
from kit.models import EMBEDDER, SMOLLM2
from kit.rows import Rows
from kit.training import Training, lora_tuned
from kit.work import Work
from tasks.messages import (
    EXAMPLES,
    MESSAGES,
    MORE_TEST,
    all_test_messages,
    by_similarity,
    drawn_examples,
    lessons,
    messages,
    prompt_of,
    prompt_tokens,
    training_examples,
)
from tasks.prompt_or_tune import best_on_dev, trained_arm
from tasks.triage import LINE, MAX_NEW_TOKENS, RULE, TRIAGE, with_keyword

from labelling.classifiers import commonest_lines, learned_lines

VERSION = 1  # raised when the computation changes


@dataclass(frozen=True)
class Settings:
    """What is tried, and how much of it."""

    model: str = SMOLLM2.key
    seeds: tuple[int, ...] = (0, 1, 2)
    test_items: int = 300
    dev_items: int = 40
    instructions: tuple[str, ...] = TRIAGE.instructions
    rule: str = RULE
    similar_examples: tuple[int, ...] = (8, 16)
    fixed_examples: tuple[int, ...] = (16, 40, 80, 160)
    classifier_sizes: tuple[int, ...] = (5, 10, 20, 40, 80, 160)
    tuned_sizes: tuple[int, ...] = (40, 160)
    tuned_size_on_dev: int = 40
    learning_rates: tuple[float, ...] = (1e-3, 2e-3)
    examples_seen: int = 400
    rank: int = 8
    batch_size: int = 4
    max_new_tokens: int = MAX_NEW_TOKENS


SETTINGS = Settings()
TINY = replace(
    SETTINGS,
    seeds=(0,),
    test_items=2,
    dev_items=2,
    similar_examples=(2,),
    fixed_examples=(2,),
    classifier_sizes=(3, 20),
    tuned_sizes=(2,),
    tuned_size_on_dev=2,
    learning_rates=(1e-3,),
    examples_seen=2,
)
SLICE, SLICE_UNITS = replace(SETTINGS, test_items=4), ("rule", "rule/constrained")
DATA = (MESSAGES, EXAMPLES, MORE_TEST)
LIBRARIES = ("scikit-learn", "llguidance")  # beside those of every experiment


class Desk:
    """The messages, and each way of labelling them."""

    def __init__(self, settings: Settings):
        """Read the messages."""
        self.settings = settings
        self.items = {"test": all_test_messages(settings.test_items), "dev": messages("dev", settings.dev_items)}

    def scored(self, arm: Arm, replies: list[str]) -> Rows:
        """A row for each message: the reply, its score, and the score with the product by keyword."""
        rows = []
        for one, reply in zip(self.items[arm.split], replies, strict=True):
            by_keyword = TRIAGE.score(one, with_keyword(one, reply))["correct"]
            rows.append({"arm": arm, "id": one["id"], "reply": reply} | TRIAGE.score(one, reply))
            rows[-1]["by_keyword"] = by_keyword
        return rows

    def without_a_model(self, arm: Arm) -> Rows:
        """The commonest label, or a classifier for each field, learned from the examples of the arm's seed."""
        texts = [one["text"] for one in self.items[arm.split]]
        if arm.method == "commonest label":
            return self.scored(arm, commonest_lines(training_examples(), len(texts)))
        return self.scored(arm, learned_lines(drawn_examples(arm.examples, arm.seed), texts, arm.method))

    def prompts(self, arm: Arm) -> list[str]:
        """The prompt for each message: an instruction, perhaps the rule, perhaps examples, the message."""
        instruction = "" if arm.instruction is None else self.settings.instructions[arm.instruction]
        if arm.rule:
            instruction += "\n\n" + self.settings.rule
        shown = zip(self.items[arm.split], self.examples_in_prompt(arm), strict=True)
        return [prompt_of(TRIAGE, arm.model, one, instruction, examples) for one, examples in shown]

    def examples_in_prompt(self, arm: Arm) -> list[list[dict]]:
        """None; those most similar to each message, of all; or those drawn for the arm's seed, the same for all."""
        items = self.items[arm.split]
        if arm.selection == "nearest":
            from sentence_transformers import SentenceTransformer

            ordered = by_similarity(items, training_examples(), SentenceTransformer(EMBEDDER))
            return [one[-arm.examples :] for one in ordered]
        return [drawn_examples(arm.examples, arm.seed) if arm.selection == "fixed" else [] for _ in items]

    def answered(self, loaded: Loaded, arm: Arm) -> Rows:
        """What a model replies, with the length of each prompt."""
        prompts = self.prompts(arm)
        pattern = LINE.pattern if arm.constrained else ""
        replies = generate_after(loaded, prompts, self.settings.max_new_tokens, pattern)
        lengths = prompt_tokens(arm.model, prompts)
        return [row | length for row, length in zip(self.scored(arm, replies), lengths, strict=True)]

    def prompted(self, arm: Arm) -> Rows:
        """The base model with the arm's prompt."""
        return self.answered(load(arm.model), arm)

    def tuned(self, arm: Arm) -> Rows:
        """A model trained on the examples of the arm's seed, given the bare message; on test also constrained."""
        training = Training(arm.learning_rate, arm.epochs, self.settings.batch_size, arm.seed)
        pairs = lessons(TRIAGE, arm.model, drawn_examples(arm.examples, arm.seed))
        loaded = lora_tuned(arm.model, pairs, training, self.settings.rank)
        rows = self.answered(loaded, arm)
        return rows + (self.answered(loaded, replace(arm, constrained=True)) if arm.split == "test" else [])


def arms_without_a_model(settings: Settings) -> dict[str, Arm]:
    """The arms that need no language model, by the key of their unit of work."""
    arms = {"commonest label": Arm(method="commonest label", model=settings.model)}
    for method in ("tf-idf", "embedding"):
        for size in settings.classifier_sizes:
            for seed in settings.seeds:
                arms[f"{method} on {size}/seed {seed}"] = Arm(
                    method=method, model=settings.model, examples=size, seed=seed
                )
    return arms


def arms_with_a_prompt(settings: Settings, instruction: int) -> dict[str, Arm]:
    """The arms without training, by the key of their unit of work: the short and decisive prompts first."""
    bare = Arm(method="prompt", model=settings.model, instruction=instruction, examples=0)
    ruled = replace(bare, rule=True)
    arms = {"instruction": bare, "rule": ruled}
    for size in settings.similar_examples:
        arms[f"rule and {size} similar"] = replace(ruled, examples=size, selection="nearest")
    for size in settings.fixed_examples:
        for seed in settings.seeds:
            arms[f"{size} fixed/seed {seed}"] = replace(bare, examples=size, selection="fixed", seed=seed)
    both = {}
    for key, arm in arms.items():
        both |= {key: arm, f"{key}/constrained": replace(arm, constrained=True)}
    return both


def predict(work: Work, settings: Settings) -> None:
    """Every prediction of every arm: what costs nothing first, then the prompts, then training."""
    desk, tried = Desk(settings), []
    for key, arm in arms_without_a_model(settings).items():
        work.unit(key, partial(desk.without_a_model, arm))
    for number in range(len(settings.instructions)):
        arm = Arm(method="prompt", model=settings.model, split="dev", instruction=number, examples=0)
        tried += work.unit(f"dev/instruction {number}", partial(desk.prompted, arm))
    for key, arm in arms_with_a_prompt(settings, best_on_dev(tried).instruction).items():
        work.unit(key, partial(desk.prompted, arm))
    tried = []
    for learning_rate in settings.learning_rates:
        arm = trained_arm(settings, settings.tuned_size_on_dev, settings.examples_seen, learning_rate, 0, "dev")
        tried += work.unit(f"dev/tuned/{learning_rate:g}", partial(desk.tuned, arm))
    best = best_on_dev(tried).learning_rate
    for seed in settings.seeds:
        for size in settings.tuned_sizes:
            arm = trained_arm(settings, size, settings.examples_seen, best, seed, "test")
            work.unit(f"tuned on {size}/seed {seed}", partial(desk.tuned, arm))
