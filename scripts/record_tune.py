"""Write what the page "Tune it in front of me" shows: `make record only=tune`, in a minute, with the models.

In docs/assets/tools/tune: `data.json` with the messages and which passages answer which question, their vectors in
`messages.bin` and `questions.bin`, and in `recorded.json` the hits after every step, as the two programs of
snippets/tools/tune find them. The vectors are not rounded: with 16 bits one hit in a hundred steps was another.
"""

import importlib.util
import json
import re
from collections.abc import Callable
from types import ModuleType

import numpy as np
from rung.files import read_lines

from scripts.paths import DATA, DOCS, SNIPPETS

FOLDER = DOCS / "assets" / "tools" / "tune"
PROMPTS = SNIPPETS / "ladder" / "prompting" / "compare_prompts.out"
Embed = Callable[[list[str]], np.ndarray]


def program(name: str) -> ModuleType:
    """A program of the page, as a module."""
    spec = importlib.util.spec_from_file_location(name, SNIPPETS / "tools" / "tune" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def best_prompt() -> dict[str, int]:
    """The hits of the best prompt on the same test messages, as its program printed them."""
    printed = PROMPTS.read_text(encoding="utf-8").partition("measured on test")[2]
    rows = [re.findall(r"(\d+)/(\d+)", line) for line in printed.splitlines() if "always" not in line]
    hits, items = max(((int(row[1][0]), int(row[1][1])) for row in rows if len(row) > 1), default=(0, 0))
    return {"hits": hits, "items": items}


def write_vectors(name: str, vectors: np.ndarray) -> None:
    """Vectors as the model gives them: 32-bit numbers, little-endian."""
    (FOLDER / name).write_bytes(vectors.astype("<f4").tobytes())


def record_head(embed: Embed) -> tuple[dict, dict]:
    """The messages with their labels, and the hits after each step."""
    tool = program("train_a_head")
    learn, test = tool.read_messages(DATA / "messages.jsonl")
    names = sorted({message["label"] for message in learn})
    labels, test_labels = (np.array([names.index(one["label"]) for one in some]) for some in (learn, test))
    vectors, test_vectors = (embed([one["text"] for one in some]).astype(np.float64) for some in (learn, test))
    write_vectors("messages.bin", np.vstack([vectors, test_vectors]))
    history = list(tool.train_head(vectors, np.eye(len(names))[labels], tool.STEPS, tool.LEARNING_RATE))
    recorded = {
        "steps": tool.STEPS,
        "learningRate": tool.LEARNING_RATE,
        "trained": [tool.hits(vectors, labels, weights) for weights in history],
        "heldOut": [tool.hits(test_vectors, test_labels, weights) for weights in history],
    }
    texts = [[one["text"], label] for one, label in zip(learn, labels.tolist(), strict=True)]
    return {"labels": names, "learn": texts, "test": test_labels.tolist()}, recorded


def record_adapter(embed: Embed) -> tuple[dict, dict]:
    """Which passages answer each question, and the hits after each step."""
    tool = program("overfit_an_adapter")
    chunks = [
        (one["id"], f"{one['title']}\n{part}")
        for one in read_lines(DATA / "documents.jsonl")
        if one["status"] == "current"
        for part in re.split(r"\n(?=## )", one["text"])
    ]
    known = [one for one in read_lines(DATA / "questions.jsonl") if one["answerable"]]
    learn = [one for one in known if one["split"] == "dev"][: tool.EXAMPLES]
    test = [one for one in known if one["split"] == "test"]
    right = np.array(
        [
            [source == one["document"] and tool.holds(text, one["accept"]) for source, text in chunks]
            for one in learn + test
        ]
    )
    vectors = embed([one["direct"] for one in learn + test]).astype(np.float64)
    passages = embed([text for _, text in chunks]).astype(np.float64)
    write_vectors("questions.bin", np.vstack([vectors, passages]))
    mine, others, size = vectors[: len(learn)], vectors[len(learn) :], len(learn)
    wanted = right[:size] / right[:size].sum(axis=1, keepdims=True)
    history = list(tool.train_adapter(mine, passages, wanted, tool.STEPS, tool.LEARNING_RATE))

    def hits(moved: np.ndarray, answers: np.ndarray) -> int:
        return int(tool.first_is_right(moved, passages, answers).sum())

    recorded = {
        "steps": tool.STEPS,
        "learningRate": tool.LEARNING_RATE,
        "temperature": tool.TEMPERATURE,
        "trained": [hits(mine + mine @ mine.T @ weights, right[:size]) for weights in history],
        "heldOut": [hits(others + others @ mine.T @ weights, right[size:]) for weights in history],
    }
    answers = [np.flatnonzero(row).tolist() for row in right]
    return {"learn": answers[:size], "test": answers[size:], "passages": len(chunks)}, recorded


def write(embed: Embed) -> None:
    """Write all four files."""
    FOLDER.mkdir(exist_ok=True)
    messages, head = record_head(embed)
    questions, adapter = record_adapter(embed)
    data = {"messages": messages, "questions": questions}
    recorded = {"head": head, "adapter": adapter, "prompt": best_prompt()}
    for name, content in (("data.json", data), ("recorded.json", recorded)):
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        (FOLDER / name).write_text(text + "\n", encoding="utf-8")


def main() -> None:
    """Load the model and write."""
    from sentence_transformers import SentenceTransformer

    write(SentenceTransformer(program("train_a_head").EMBEDDER).encode)


if __name__ == "__main__":
    main()
