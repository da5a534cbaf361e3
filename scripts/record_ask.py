"""Write what the page "Ask this guide" fetches: `make record only=ask`.

In docs/assets/tools/ask: `vectors.bin`, the vectors of the guide's passages by the model that the page runs, and
`vectors.json`, which names each by its text. A passage that was there before is not embedded again. With `--run`, as in
`make record only='ask --run'`, also `recorded.json`, the questions, and for each a file in `recorded`: what three
searches found, the passages, the prompts, and the answers of the language model.
"""

import argparse
import hashlib
import json
import subprocess
from pathlib import Path

import numpy as np
from rung.cutting import count_words

from scripts.paths import DOCS, ROOT

FOLDER = DOCS / "assets" / "tools" / "ask"
LIST, NUMBERS, RECORD = FOLDER / "vectors.json", FOLDER / "vectors.bin", FOLDER / "recorded.json"
RUNS = FOLDER / "recorded"
MODEL = DOCS / "assets" / "vendor" / "embedding" / "model.onnx"
NODE = ROOT / "scripts" / "search" / "ask.mjs"
EMBEDDER = "sentence-transformers/all-MiniLM-L6-v2"
WRITER = "HuggingFaceTB/SmolLM2-135M-Instruct"
WIDTH = 384
LONGEST = 256  # word pieces that the model reads
LONGEST_TEXT = 2000  # letters, as the page cuts them
ANSWER_TOKENS = 80
QUESTIONS = [
    "How many test examples do I need?",
    "my documents change every week, should I retrain?",
    "how do I stop the model from making things up?",
    "What is the capital of Peru?",
]


def asked(task: str, site: Path, given: object = None) -> object:
    """What the page's own modules say, run in Node."""
    command = ["node", NODE, task, site / "search" / "search_index.json"]
    text = json.dumps(given) if given else ""
    said = subprocess.run(command, input=text, capture_output=True, encoding="utf-8", check=False)
    if said.returncode:
        raise SystemExit(f"The passages could not be read. Run `make build` first. Node says:\n{said.stderr[-2000:]}")
    return json.loads(said.stdout)


def embed(texts: list[str]) -> np.ndarray:
    """Vectors of length 1, a row a text, one text at a time: rounding to 8 bits looks at all that come together."""
    import onnxruntime
    from transformers import AutoTokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(MODEL, options, providers=["CPUExecutionProvider"])
    tokenizer = AutoTokenizer.from_pretrained(EMBEDDER)
    wanted = [one.name for one in session.get_inputs()]
    rows = []
    for text in texts:
        coded = tokenizer(text[:LONGEST_TEXT], truncation=True, max_length=LONGEST, return_tensors="np")
        (states,) = session.run(None, {name: coded[name].astype(np.int64) for name in wanted})[:1]
        mean = states[0].mean(axis=0)
        rows.append(mean / np.linalg.norm(mean))
    return np.array(rows)


def write_vectors(site: Path) -> None:
    """Write the vectors of the site's passages, those that are known as they are."""
    passages = {one["name"]: one["shown"] for one in asked("passages", site)}
    known = {}
    if LIST.exists():
        names = json.loads(LIST.read_text(encoding="utf-8"))["names"]
        known = dict(zip(names, np.frombuffer(NUMBERS.read_bytes(), np.int8).reshape(-1, WIDTH), strict=True))
    fresh = [name for name in passages if name not in known]
    if fresh:
        vectors = embed([passages[name] for name in fresh])
        most = np.abs(vectors).max(axis=1, keepdims=True)
        known |= dict(zip(fresh, np.rint(127 * vectors / most).astype(np.int8), strict=True))
    content = b"".join(known[name].tobytes() for name in passages)
    NUMBERS.write_bytes(content)
    about = {"name": NUMBERS.name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    write_json(LIST, about | {"names": list(passages)})
    print(f"{len(passages)} passages, {len(fresh)} of them embedded anew.")


def answers_to(prompts: list[str]) -> list[dict]:
    """Each prompt with its tokens, as the model's chat template makes them, and the model's answer."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(WRITER)
    model = AutoModelForCausalLM.from_pretrained(WRITER, dtype=torch.float32)
    found = []
    for prompt in prompts:
        chat = [{"role": "user", "content": prompt}]
        coded = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_tensors="pt", return_dict=True)
        with torch.no_grad():
            written = model.generate(**coded, max_new_tokens=ANSWER_TOKENS, do_sample=False)
        tokens = coded["input_ids"].shape[1]
        answer = tokenizer.decode(written[0][tokens:], skip_special_tokens=True).strip()
        found.append({"prompt": prompt, "tokens": tokens, "answer": answer})
    return found


def read_runs() -> list[dict]:
    """The recorded runs, in the order of the questions."""
    files = (RUNS / f"{number}.json" for number in range(1, len(QUESTIONS) + 1))
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def write_json(file: Path, content: object) -> None:
    """Write what the page fetches, on one line."""
    file.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def write_runs(site: Path) -> None:
    """Write the recorded runs, a file a question: the page needs but the first at once."""
    vectors = embed(QUESTIONS).tolist()
    given = [{"question": one, "vector": vector} for one, vector in zip(QUESTIONS, vectors, strict=True)]
    found = asked("found", site, given)
    answers = answers_to(list(dict.fromkeys(prompt for run in found["runs"] for prompt in run["prompts"])))
    by_prompt = {one["prompt"]: one for one in answers}
    RUNS.mkdir(exist_ok=True)
    for number, run in enumerate(found["runs"], 1):
        prompts, usual = run.pop("prompts"), run.pop("usual")
        run["answers"] = [by_prompt[prompt] for prompt in prompts]
        run["answer"] = prompts.index(usual) if usual else None
        write_json(RUNS / f"{number}.json", run)
    words = sum(count_words(list(by_prompt)))  # as the page counts them
    per_word = sum(one["tokens"] for one in answers) / words
    about = {"model": WRITER.partition("/")[2], "tokensPerWord": round(per_word, 3), "count": found["count"]}
    write_json(RECORD, about | {"questions": QUESTIONS})
    print(f"{len(QUESTIONS)} questions, {len(answers)} answers.")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m scripts.record_ask", description=__doc__)
    parser.add_argument("site", type=Path, help="a built site")
    parser.add_argument("--run", action="store_true", help="record the run as well; some minutes")
    given = parser.parse_args()
    write_vectors(given.site)
    if given.run:
        write_runs(given.site)


if __name__ == "__main__":
    main()
