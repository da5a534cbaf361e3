"""Write what the page "Three rungs, one question" needs to answer in the tab: `make record only=rungs`.

In docs/assets/tools/rungs: `facts.gguf`, the adapter that the `knowledge` experiment trained on the facts, first seed,
in the format that llama.cpp reads; and `live.json`, the adapter's checksum, the prompts, and the passage that was found
for each question. The adapter is trained where it is not kept, which takes some minutes.
"""

import hashlib
import json
import re
import sys
from dataclasses import replace
from pathlib import Path

from scripts.paths import DOCS, EXPERIMENTS

sys.path.insert(0, str(EXPERIMENTS))  # as `python experiments/run.py` has it

from kit.arm import Arm
from kit.environment import use_local_models
from kit.models import SMOLLM2
from kit.paths import results_of
from kit.rows import read_predictions
from tasks.facts import FOUR_WORDINGS, FactsTraining
from tasks.questions import (
    MAX_NEW_TOKENS,
    READING,
    answerable,
    asked,
    closed_book,
    company_library,
    reading_prompt,
    unanswerable,
)

FOLDER = DOCS / "assets" / "tools" / "rungs"
ADAPTER, LIVE = FOLDER / "facts.gguf", FOLDER / "live.json"
SHOWN = ("test", 4, 0, None)  # split, wordings, seed and passages of the arm whose answers the page shows
# What llama.cpp calls the layers that peft names.
NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
PEFT = re.compile(r"layers\.(?P<layer>\d+)\.(?P<name>\w+\.\w+)\.lora_(?P<half>[AB])\.weight$")


def recorded() -> list[dict]:
    """The answers that the experiment kept of the small model."""
    return read_predictions(results_of("knowledge", SMOLLM2.key) / "predictions.jsonl")


def training_of(arm: Arm) -> FactsTraining:
    """How that arm's model was trained."""
    return replace(FOUR_WORDINGS, model=arm.model, learning_rate=arm.learning_rate, seed=arm.seed)


def in_pairs(rows, heads: int):
    """The rows of a query or key matrix in llama.cpp's order, in which the halves that turn together are neighbours.

    `rows` has shape (heads x width of a head, rank).
    """
    return rows.reshape(heads, 2, -1, rows.shape[1]).swapaxes(1, 2).reshape(rows.shape)


def write_adapter(folder: Path) -> None:
    """Write a peft adapter as GGUF, as llama.cpp's convert_lora_to_gguf.py does, in 16 bits."""
    import gguf
    import numpy as np
    from safetensors.numpy import load_file
    from transformers import AutoConfig

    settings = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    config = AutoConfig.from_pretrained(SMOLLM2.name)
    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    writer = gguf.GGUFWriter(ADAPTER, "llama")
    writer.add_type("adapter")
    writer.add_name("SmolLM2-135M-Instruct, fine-tuned on a hundred facts of an invented company")
    writer.add_license("cc0-1.0")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", settings["lora_alpha"])
    for key, values in sorted(load_file(folder / "adapter_model.safetensors").items()):
        found = PEFT.search(key)
        name, half = NAMES[found["name"]], found["half"]
        is_turned = half == "B" and name in heads
        rows = in_pairs(values, heads[name]) if is_turned else values
        writer.add_tensor(f"blk.{found['layer']}.{name}.weight.lora_{half.lower()}", rows.astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def found_for(rows: list[dict]) -> tuple[list[str], dict[str, dict[str, int]]]:
    """The passages that the search found first, and for each recorded question, by wording and id, which one."""
    known = {one["id"]: one for one in [*answerable("test"), *unanswerable()]}
    items = {
        (row["wording"], row["id"]): known[row["id"]]
        for row in rows
        if row["arm"].method == "prompt" and row["arm"].passages
    }
    found = company_library().search([asked(one, wording) for (wording, _), one in items.items()], 1)
    of: dict[str, dict[str, int]] = {}
    places: dict[str, int] = {}
    for (wording, name), (best,) in zip(items, found, strict=True):
        of.setdefault(wording, {})[name] = places.setdefault(best.text, len(places))
    return list(places), of


def prompts_of(arm: Arm) -> dict[str, str]:
    """The prompts of the experiment, with places for what a reader may change."""
    return {
        "closed": closed_book(arm.model, "{question}"),
        "reading": reading_prompt(arm.model, ["{passage}"], "{question}", READING),
    }


def live(arm: Arm, rows: list[dict]) -> dict:
    """What live.json holds: the adapter's file and the arm that it is of, prompts, and the passage of each question."""
    content = ADAPTER.read_bytes()
    file = {"name": ADAPTER.name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    passages, of = found_for(rows)
    trained = {"adapter": file, "arm": arm.as_dict()}
    return trained | {"most": MAX_NEW_TOKENS, "prompts": prompts_of(arm), "passages": passages, "of": of}


def main() -> None:
    """Write both files."""
    use_local_models()
    rows = recorded()
    arms = (row["arm"] for row in rows)
    arm = next(one for one in arms if (one.split, one.wordings, one.seed, one.passages) == SHOWN)
    training = training_of(arm)
    training.train_or_load()
    write_adapter(training.artefact.folder)
    LIVE.write_text(json.dumps(live(arm, rows), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
