"""Tiny models of four families, with random weights: what a reader meets who writes another model's name."""

import json
from dataclasses import dataclass
from pathlib import Path

from scripts.paths import DATA, HF_HOME
from tests.programs.runner import OFFLINE, Run, environment, run_command

# Runs each program in a process of its own, forked from one that has loaded the libraries, which takes most of the
# time; `watch` is called in it before, and gives the files to close after.
DRIVER = """
import datasets, json, os, peft, runpy, sentence_transformers, sys, torch, transformers, trl

WATCH

for folder, *command in json.loads(sys.argv[1]):
    child = os.fork()
    if not child:
        os.chdir(folder)
        for number, name in ((1, "stdout.txt"), (2, "stderr.txt")):
            os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT), number)
        files = watch()
        sys.argv = command
        code = 1
        try:
            runpy.run_path(command[0], run_name="__main__")
            code = 0
        except SystemExit as end:
            print(end, file=sys.stderr)
        except BaseException:
            import traceback
            traceback.print_exc()
        for file in (*files, sys.stdout, sys.stderr):
            file.flush()
        os._exit(code)
    _, status = os.waitpid(child, 0)
    with open(os.path.join(folder, "code.txt"), "w") as file:
        file.write(str(os.waitstatus_to_exitcode(status)))
"""
WATCH_NOTHING = "watch = tuple"

LLAMA_CHAT = (
    "{{ bos_token }}{% for message in messages %}[{{ message['role'] }}]\n{{ message['content'] }}"
    "{% if message['role'] == 'assistant' %}{{ eos_token }}{% endif %}\n{% endfor %}"
    "{% if add_generation_prompt %}[assistant]\n{% endif %}"
)
# It raises as Gemma's does, in its words.
GEMMA_CHAT = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}"
    "{% endif %}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}"
    "<turn>{{ 'model' if message['role'] == 'assistant' else message['role'] }}\n{{ message['content'] }}<end>\n"
    "{% endfor %}{% if add_generation_prompt %}<turn>model\n{% endif %}"
)
QWEN_CHAT = (
    "{% for message in messages %}<|start|>{{ message['role'] }}\n{{ message['content'] }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|start|>assistant\n{% endif %}"
)


@dataclass(frozen=True)
class Family:
    """What is particular about a family's tokenizer."""

    name: str
    special: tuple[str, ...]
    bos: str | None  # what its tokenizer puts before every text
    eos: str
    pad: str | None
    chat: str | None  # its chat template


FAMILIES = {
    "llama": Family("llama", ("<s>", "</s>"), bos="<s>", eos="</s>", pad=None, chat=LLAMA_CHAT),
    "qwen2": Family(
        "qwen2", ("<|pad|>", "<|start|>", "<|end|>"), bos=None, eos="<|end|>", pad="<|pad|>", chat=QWEN_CHAT
    ),
    "gemma": Family(
        "gemma", ("<bos>", "<turn>", "<end>", "<pad>"), bos="<bos>", eos="<end>", pad="<pad>", chat=GEMMA_CHAT
    ),
    "gpt2": Family("gpt2", ("<|endoftext|>",), bos=None, eos="<|endoftext|>", pad=None, chat=None),
}


def tokenizer_of(family: Family):
    """A byte-level tokenizer of 600 tokens, trained on the shared messages, with the family's special tokens."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    lines = (DATA / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [f"Message: {message['text']}\nTeam: {message['team']}" for message in map(json.loads, lines)]
    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=600, special_tokens=list(family.special), initial_alphabet=alphabet, show_progress=False
    )
    inner.train_from_iterator(texts, trainer)
    if family.bos:
        inner.post_processor = processors.TemplateProcessing(
            single=f"{family.bos} $A", special_tokens=[(family.bos, inner.token_to_id(family.bos))]
        )
    given = {"bos_token": family.bos, "eos_token": family.eos, "pad_token": family.pad}
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=inner, **{name: token for name, token in given.items() if token}
    )
    tokenizer.chat_template = family.chat
    return tokenizer


def model_of(family: Family, tokenizer):
    """A model of six narrow layers with random weights, whose configuration names the family's special tokens."""
    import torch
    from transformers import (
        GPT2Config,
        GPT2LMHeadModel,
        LlamaConfig,
        LlamaForCausalLM,
        Qwen2Config,
        Qwen2ForCausalLM,
    )

    torch.manual_seed(0)
    tokens = {
        "vocab_size": len(tokenizer),
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    narrow = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 6, "num_attention_heads": 2}
    if family.name in ("llama", "gemma"):  # of Gemma, what is tested is the tokenizer
        return LlamaForCausalLM(LlamaConfig(**tokens, **narrow, num_key_value_heads=1))
    if family.name == "qwen2":
        return Qwen2ForCausalLM(Qwen2Config(**tokens, **narrow, num_key_value_heads=1))
    return GPT2LMHeadModel(GPT2Config(**tokens, n_embd=32, n_layer=6, n_head=2, n_positions=2048))


def run_each(jobs: list[tuple[Path, list[str]]], root: Path, watch: str = WATCH_NOTHING) -> None:
    """Run the commands, each in its folder, with the libraries loaded once; run_in says what each did.

    `watch` is the source of a function watch() that is called before each.
    """
    (root / "driver.py").write_text(DRIVER.replace("WATCH", watch), encoding="utf-8")
    given = json.dumps([[str(folder), *command] for folder, command in jobs])
    run = run_command(["driver.py", given], root, environment(root))
    assert run.returncode == 0, run.stderr[-3000:]


def run_in(folder: Path) -> Run:
    """What the command printed that run_each ran in a folder, and how it ended."""
    out, err, code = ((folder / f"{name}.txt").read_text(encoding="utf-8") for name in ("stdout", "stderr", "code"))
    return Run(out, int(code), OFFLINE.sub("", err))


def save_embedder(folder: Path, unit: bool) -> Path:
    """Write a sentence-transformers model of one narrow layer with random weights into a folder.

    Where `unit`, a last layer brings its vectors to length one. Many published models have none: the lengths of their
    vectors go by the text.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    tokenizer, inner = tokenizer_of(FAMILIES["qwen2"]), folder / "inner"
    narrow = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2}
    BertModel(BertConfig(vocab_size=len(tokenizer), **narrow)).save_pretrained(inner)
    tokenizer.save_pretrained(inner)
    pooling = Pooling(narrow["hidden_size"], pooling_mode="mean_sqrt_len_tokens")
    parts = [Transformer(str(inner), max_seq_length=256), pooling]
    SentenceTransformer(modules=parts + [Normalize()] * unit).save(str(folder / "model"))
    return folder / "model"


def save_narrow(folder: Path, spread: float = 0.02) -> Path:
    """Write a narrow model of twelve layers with random weights, with the guide's small model's tokenizer and template.

    Into a folder; it is of that model's architecture. `spread` is the standard deviation of the weights: with the usual
    0.02 the answer to every prompt is one token, repeated; with 0.5 it depends on the prompt.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    (own,) = Path(HF_HOME).glob("hub/models--HuggingFaceTB--SmolLM2-135M-Instruct/snapshots/*")
    torch.manual_seed(0)
    narrow = {"hidden_size": 64, "head_dim": 32, "intermediate_size": 128, "num_attention_heads": 2}
    narrow["initializer_range"] = spread
    config = AutoConfig.from_pretrained(own, num_hidden_layers=12, num_key_value_heads=1, **narrow)
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    AutoTokenizer.from_pretrained(own).save_pretrained(folder)
    return folder


def save(family: Family, folder: Path) -> Path:
    """Write the family's model and tokenizer into a folder, as a reader has them who downloaded a model."""
    tokenizer = tokenizer_of(family)
    model_of(family, tokenizer).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
