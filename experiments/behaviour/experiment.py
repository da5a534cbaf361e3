"""Behaviour: prompt or tune? A strict line, asked for in words, by examples chosen in three ways, and by training."""

import re
import time
from collections.abc import Callable
from functools import partial

from kit import model as llm
from kit.evidence import Rows, Work, read_rows
from kit.places import DATA, EXPERIMENTS
from sentence_transformers import SentenceTransformer
from voice import rules

VERSION = 1  # raised when the computation changes
SEEDS = [0, 1, 2]
TEST, DEV = 100, 40
SHOTS = [1, 4, 8]
NEAREST = [4, 8]
SIZES = {"format": [5, 10, 20, 40, 80, 160], "voice": [5, 20, 80, 160]}  # a reply in the voice costs three lines' time
RATES = [5e-4, 1e-3, 2e-3]
TRIED_WITH = 40  # examples with which the learning rate is chosen
# How many examples a run sees, some of them often, of which dev chooses too. A reply in the voice is three lines long.
SEEN = {"format": [100, 400], "voice": [100, 200]}
RANK = 8
LINE = re.compile(r"(billing|delivery|repair|account) / (low|high) / (Tolver|Wrenlow|Dray|none)")
# Three wordings of the instruction each, of which dev chooses one.
INSTRUCTIONS = {
    "format": [
        "Reply with one line and nothing else: team / urgency / product. The team is billing, delivery, repair or "
        "account. The urgency is low or high. The product is Tolver, Wrenlow, Dray or none.",
        "You sort messages for Velmora Bikes. Answer in exactly this form, on one line:\n"
        "<billing|delivery|repair|account> / <low|high> / <Tolver|Wrenlow|Dray|none>",
        "Classify the customer's message. Output only three words separated by ' / ': which team handles it (billing, "
        "delivery, repair, account), how urgent it is (low, high), which bike it names (Tolver, Wrenlow, Dray, none).",
    ],
    "voice": [
        "You answer customers of Velmora Bikes. Begin with 'Hello from Harrowick.' and end with 'Ride well.' Between "
        "them write one or two short sentences, 35 words at most, that name the customer's concern. Say we, never I. "
        "No apology, no please, no exclamation mark, no question mark.",
        "Reply to the message in our house voice: Hello from Harrowick. <one or two plain sentences about the "
        "message, in the name of 'we'> Ride well.\nNever write I, my, sorry, unfortunately, please, ! or ?.",
        "Write a short reply, under 35 words. First words: 'Hello from Harrowick.' Last words: 'Ride well.' Speak as "
        "'we'. Repeat what the message is about. Do not apologise, ask or exclaim.",
    ],
}
MOST_TOKENS = {"format": 16, "voice": 64}


def wanted(message: dict, behaviour: str) -> str:
    """The reply that training and examples show."""
    return (
        f"{message['team']} / {message['urgency']} / {message['product']}"
        if behaviour == "format"
        else message["reply"]
    )


def scored(message: dict, reply: str, behaviour: str) -> dict:
    """What the reply keeps to: `form` is the behaviour asked for; `right`, for the line, that every field is right."""
    if behaviour == "format":
        return {"form": bool(LINE.fullmatch(reply)), "right": reply == wanted(message, behaviour)}
    kept = rules.score(message["text"], reply)
    return {"form": all(kept.values()), "rules": kept}


def passes_for(size: int, seen: int) -> int:
    """How often each of `size` examples comes, for `seen` to be seen in all: once at least, and more when few."""
    return max(1, -(-seen // size))


def best_setting(tried: Rows) -> float | str:
    """The setting of which most replies on dev were right, or in form where nothing more is asked; ties: the first."""
    scores: dict[float | str, tuple[int, int]] = {}
    for row in tried:
        right, form = scores.get(row["setting"], (0, 0))
        scores[row["setting"]] = right + row.get("right", row["form"]), form + row["form"]
    return max(scores, key=lambda setting: scores[setting])


class Trial:
    """One behaviour, its messages and its examples, and every way of asking for it."""

    def __init__(self, behaviour: str, work: Work):
        """Read the messages; a tiny trial takes two of each kind."""
        few = 2 if work.tiny else None
        messages = read_rows(DATA / "messages.jsonl")
        self.behaviour, self.work = behaviour, work
        self.most_tokens = 4 if work.tiny else MOST_TOKENS[behaviour]
        self.train = read_rows(EXPERIMENTS / "behaviour" / "train.jsonl")
        self.test = [one for one in messages if one["split"] == "test"][:TEST][:few]
        self.dev = [one for one in messages if one["split"] == "dev"][:DEV][:few]
        embedder = SentenceTransformer(llm.EMBEDDER)
        texts = [[one["text"] for one in part] for part in (self.test, self.train)]
        likeness = embedder.encode(texts[0]) @ embedder.encode(texts[1]).T
        # The most alike last, next to the message itself.
        self.by_likeness = [[self.train[int(each)] for each in row.argsort()] for row in likeness]

    def unit(self, key: str, make: Callable[[], Rows]) -> Rows:
        """A unit of work of this behaviour."""
        return self.work.unit(f"{self.behaviour}/{key}", make)

    def prompt(self, message: dict, instruction: str, examples: list[dict] = ()) -> str:
        """The instruction, the examples as turns of a conversation, then the message."""
        turns = [(one["text"], wanted(one, self.behaviour)) for one in examples]
        return llm.chat(message["text"], instruction, turns)

    def replies(self, loaded: tuple, messages: list[dict], prompts: list[str], about: dict) -> Rows:
        """A row for each message: what was replied, what of the behaviour it keeps, how long the prompt was."""
        model, tokenizer = loaded
        rows = []
        for one, prompt, reply in zip(
            messages, prompts, llm.ask(model, tokenizer, prompts, self.most_tokens), strict=True
        ):
            about_it = {"behaviour": self.behaviour, "id": one["id"], "prompt_tokens": len(tokenizer(prompt).input_ids)}
            rows.append(about | about_it | {"reply": reply} | scored(one, reply, self.behaviour))
        return rows

    def try_instructions(self) -> Rows:
        """Each wording of the instruction on dev."""
        loaded, rows = llm.load(), []
        for number, text in enumerate(INSTRUCTIONS[self.behaviour]):
            prompts = [self.prompt(one, text) for one in self.dev]
            rows += self.replies(loaded, self.dev, prompts, {"arm": "dev: instruction", "setting": number})
        return rows

    def prompted(self, arm: str, instruction: str, examples: list[list[dict]]) -> Rows:
        """The model as it came, with the instruction and each message's examples."""
        pairs = zip(self.test, examples, strict=True)
        prompts = [self.prompt(one, instruction, shown) for one, shown in pairs]
        return self.replies(llm.load(), self.test, prompts, {"arm": arm, "seed": None})

    def tuned(self, size: int, rate: float, seen: int, seed: int) -> tuple:
        """A model trained on the first `size` examples, with nothing but the message in the prompt."""
        base, tokenizer = llm.load()
        model = llm.with_lora(base, RANK, seed)
        pairs = [
            (self.prompt(one, ""), wanted(one, self.behaviour)) for one in self.train[: 2 if self.work.tiny else size]
        ]
        epochs = 1 if self.work.tiny else passes_for(size, seen)
        llm.train(model, tokenizer, pairs, rate=rate, epochs=epochs, seed=seed, batch=4)
        return model, tokenizer

    def tune(self, about: dict, messages: list[dict], size: int, rate: float, seen: int, seed: int) -> Rows:
        """Train, then reply."""
        prompts = [self.prompt(one, "") for one in messages]
        loaded = self.tuned(size, rate, seen, seed)
        if messages is self.test and size == SIZES[self.behaviour][-1]:
            self.work.keep_adapter(f"{self.behaviour}/tuned on {size}/seed {seed}", loaded[0])
        return self.replies(loaded, messages, prompts, about | {"seed": seed, "rate": rate, "seen": seen})

    def time(self, instruction: str) -> Rows:
        """Seconds for one reply at a time with each length of prompt; the tuned model's is the bare message.

        Always the model as it came, writing twelve tokens, so that only the prompt differs: an adapter merged into the
        weights costs nothing more.
        """
        model, tokenizer = llm.load()
        kinds = {"tuned": ("", 0), "instruction": (instruction, 0)}
        kinds |= {f"{shots} examples": (instruction, shots) for shots in SHOTS if shots > 1}
        rows = []
        for one in self.test[: 1 if self.work.tiny else 10]:
            for name, (text, shots) in kinds.items():
                prompt = self.prompt(one, text, self.train[:shots])
                inputs = tokenizer(prompt, return_tensors="pt", add_special_tokens=False)
                start = time.perf_counter()
                model.generate(**inputs, max_new_tokens=12, min_new_tokens=12, do_sample=False)
                took = round(time.perf_counter() - start, 3)
                about = {"arm": f"time: {name}", "behaviour": self.behaviour, "id": one["id"]}
                rows.append(about | {"took_s": took, "prompt_tokens": inputs["input_ids"].shape[1]})
        return rows


def predict(work: Work) -> None:
    """Every prediction of every arm for the strict line."""
    ask_for("format", work)


def ask_for(behaviour: str, work: Work) -> None:
    """Every prediction of every arm for one behaviour."""
    first = 1 if work.tiny else None
    texts, trial = INSTRUCTIONS[behaviour], Trial(behaviour, work)
    instruction = texts[int(best_setting(trial.unit("dev/instruction", trial.try_instructions)))]
    none = [[] for _ in trial.test]
    arms = {"instruction": none}
    arms |= {f"{shots} example{'s' * (shots > 1)}": [trial.train[:shots] for _ in none] for shots in SHOTS}
    arms |= {f"the {count} nearest examples": [one[-count:] for one in trial.by_likeness] for count in NEAREST}
    for arm, examples in arms.items():
        trial.unit(arm, partial(trial.prompted, arm, instruction, examples))
    tried: Rows = []
    settings = {f"{rate:g}, {seen} seen": (rate, seen) for seen in SEEN[behaviour] for rate in RATES}
    for setting, chosen in list(settings.items())[:first]:
        about = {"arm": "dev: tuned", "setting": setting}
        tried += trial.unit(f"dev/{setting}", partial(trial.tune, about, trial.dev, TRIED_WITH, *chosen, 0))
    rate, seen = settings[best_setting(tried)]
    for size in SIZES[behaviour][:first]:
        for seed in SEEDS[:first]:
            work_on = partial(trial.tune, {"arm": f"tuned on {size}"}, trial.test, size, rate, seen, seed)
            trial.unit(f"tuned on {size}/seed {seed}", work_on)
    trial.unit("time", partial(trial.time, instruction))
