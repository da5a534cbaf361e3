"""Do the same training with the library most people use for it: TRL's SFTTrainer in place of the loop by hand."""

import json
import re
import sys
import warnings
from pathlib import Path

import torch
from datasets import Dataset, disable_progress_bars
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer, PrinterCallback
from transformers.utils.logging import disable_progress_bar
from trl import SFTConfig, SFTTrainer

MODEL = "HuggingFaceTB/SmolLM2-135M-Instruct"
DATA = Path("data/messages.jsonl")
LINE = re.compile(r"(billing|delivery|repair|account) / (low|high) / (Tolver|Wrenlow|Dray|none)")


def read_pairs(split):
    """The messages of one split as TRL wants them: the prompt, and the completion that alone counts in the loss."""
    try:
        rows = [json.loads(line) for line in DATA.read_text(encoding="utf-8-sig").split("\n") if line.strip()]
        chosen = [row for row in rows if row["split"] == split]
        if not chosen:
            raise ValueError(f"no message has the split {split}")
        lines = [f"{row['team']} / {row['urgency']} / {row['product']}" for row in chosen]
        prompts = [[{"role": "user", "content": row["text"]}] for row in chosen]
    except (OSError, ValueError, TypeError, KeyError) as error:
        sys.exit(f"Cannot use {DATA} ({error!r}): download it from the guide into a folder called data.")
    completions = [[{"role": "assistant", "content": line}] for line in lines]
    return [{"prompt": one, "completion": two} for one, two in zip(prompts, completions, strict=True)]


def report(name, model):
    """Print how many replies to the held-out messages have the output format, and how many are correct."""
    prompts = [pair["prompt"] for pair in held_out]
    options = {"padding": True, "return_tensors": "pt", "return_dict": True}
    batch = tokenizer.apply_chat_template(prompts, add_generation_prompt=True, **options)
    model.eval()
    made = model.generate(**batch, max_new_tokens=12, do_sample=False, pad_token_id=tokenizer.pad_token_id)
    texts = tokenizer.batch_decode(made[:, batch["input_ids"].shape[1] :], skip_special_tokens=True)
    valid = sum(bool(LINE.fullmatch(text.strip())) for text in texts)
    wanted = [pair["completion"][0]["content"] for pair in held_out]
    correct = sum(text.strip() == line for text, line in zip(texts, wanted, strict=True))
    print(f"{name}: {valid}/{len(texts)} in the output format, {correct}/{len(texts)} with every field correct")


examples = Dataset.from_list(read_pairs("train"))
held_out = read_pairs("test")[::7]
disable_progress_bar()  # of transformers
disable_progress_bars()  # of datasets
# peft 0.21 asks transformers for a setting under its old name.
warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
try:
    tokenizer = AutoTokenizer.from_pretrained(MODEL, padding_side="left")
    # float32, because many processors compute the 16-bit numbers of the hub's file slowly.
    model = AutoModelForCausalLM.from_pretrained(MODEL, dtype=torch.float32)
except (OSError, ValueError) as error:
    sys.exit(f"Cannot load {MODEL}: {error}")
if tokenizer.chat_template is None:
    sys.exit(f"{MODEL} is not made for chats: choose a model whose name ends in Instruct or Chat.")
tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token

report("before", model)
settings = SFTConfig(
    output_dir="tuned",
    num_train_epochs=2,
    per_device_train_batch_size=1,
    learning_rate=1e-3,
    lr_scheduler_type="constant",
    bf16=False,
    activation_checkpointing=False,
    dataloader_pin_memory=False,  # for a graphics card
    disable_tqdm=True,
    report_to="none",
    save_strategy="no",
    seed=0,
)
trainer = SFTTrainer(
    model=model,
    args=settings,
    train_dataset=examples,
    processing_class=tokenizer,
    peft_config=LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM"),
)
trainer.remove_callback(PrinterCallback)  # it prints the loss and the seconds, which differ from run to run
trainer.train()
trainer.model.save_pretrained("tuned", save_embedding_layers=False)  # training left the vocabulary as it was
report("after", trainer.model)
print(f"saved: {', '.join(sorted(path.name for path in Path('tuned').glob('adapter*')))}")

# /// script
# requires-python = ">=3.11"
# dependencies = [
#     "datasets==5.2.0",
#     "peft==0.21.2",
#     "torch==2.13.0",
#     "transformers==5.23.0",
#     "trl==1.16.0",
# ]
#
# [tool.uv.sources]
# torch = { index = "pytorch-cpu" }  # spares gigabytes of CUDA; leave these lines out if you have a graphics card
#
# [[tool.uv.index]]
# name = "pytorch-cpu"
# url = "https://download.pytorch.org/whl/cpu"
# explicit = true
# ///
