"""Write what the page "Three rungs, one question" needs to answer in the tab: `python experiments/record_rungs.py`.

In docs/assets/tools/rungs: `facts.gguf`, the adapter that the `knowledge` experiment trained on the facts, first seed,
in the format that llama.cpp reads; and `live.json`, the adapter's checksum, the prompts, and the passage that was found
for each question. The adapter is trained where it is not kept, which takes some minutes.
"""

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

from kit.arm import Arm
from kit.environment import use_local_models
from kit.models import SMOLLM2
from kit.paths import ROOT, results_of
from kit.rows import read_predictions
from knowledge.experiment import SETTINGS, Exam
from tasks.facts import FOUR_WORDINGS, FactsTraining
from tasks.questions import asked, closed_book, company_library, reading_prompt

FOLDER = ROOT / "docs" / "assets" / "tools" / "rungs"
ADAPTER, LIVE = FOLDER / "facts.gguf", FOLDER / "live.json"
UNIT = "4 wordings/seed 0"  # whose answers the page shows
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


def arm_of_the_page() -> Arm:
    """The arm whose answers are recorded: without a passage, with the learning rate that dev chose."""
    rows = read_predictions(results_of("knowledge", SMOLLM2.key) / "predictions.jsonl")
    return next(row["arm"] for row in rows if row["unit"] == UNIT)


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


def live(arm: Arm) -> dict:
    """The prompts, with places for what a reader may change, and the passage that the search found for each question.

    Of the adapter the checksum, and the arm that it was trained for.
    """
    exam = Exam(SETTINGS)
    of, passages = {}, {}
    for wording, items in exam.items.items():
        found = company_library().search([asked(one, wording) for one in items], 1)
        of[wording] = {
            one["id"]: passages.setdefault(best.text, len(passages)) for one, (best,) in zip(items, found, strict=True)
        }
    content = ADAPTER.read_bytes()
    file = {"name": ADAPTER.name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    prompts = {
        "closed": closed_book(arm.model, "{question}"),
        "reading": reading_prompt(arm.model, ["{passage}"], "{question}", SETTINGS.instruction),
    }
    trained = {"adapter": file, "arm": arm.as_dict()}
    return trained | {"most": SETTINGS.max_new_tokens, "prompts": prompts, "passages": list(passages), "of": of}


def main() -> None:
    """Write both files."""
    use_local_models()
    arm = arm_of_the_page()
    training = training_of(arm)
    training.train_or_load()
    write_adapter(training.artefact.folder)
    text = json.dumps(live(arm), ensure_ascii=False, indent=1) + "\n"
    LIVE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
