"""What an experiment leaves behind: each prediction, what made it, and work that survives an interruption."""

import ast
import contextlib
import hashlib
import json
import os
import platform
import resource
import shutil
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from kit.places import DATA, EXPERIMENTS, HF_HOME, ROOT, UNITS

LIBRARIES = ["torch", "transformers", "peft", "sentence-transformers", "statsmodels"]
# Recorded with a result, and not hashed: older results do not tell them.
ALSO_RECORDED = ["tokenizers", "numpy", "scipy"]
Rows = list[dict]


def digest_of(value) -> str:
    """The hex digest of a value, written as JSON."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=sorted).encode()).hexdigest()


def pins() -> dict[str, str]:
    """The pinned versions of the libraries that a result depends on."""
    files = [ROOT / "requirements" / name for name in ("torch.txt", "test.txt")]
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    pinned = dict(line.split("==", 1) for line in lines if "==" in line)
    return {name: pinned[name].split()[0] for name in LIBRARIES if name in pinned}


def settings_of(file: Path) -> dict:
    """What an experiment declares in capitals at the top of its program, where it is written as plain values."""
    found = {}
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.isupper():
            with contextlib.suppress(ValueError):
                found[node.targets[0].id] = ast.literal_eval(node.value)
    return found


def inputs_of(name: str) -> dict[str, str]:
    """Hashes of what an experiment's predictions depend on: settings and version, data, weights, pinned libraries.

    Not the text of the programs: a comment or a moved file changes no prediction. Whoever changes the computation
    raises `VERSION` in experiment.py.
    """
    data = {file for file in EXPERIMENTS.glob("*/*.jsonl")} | set(DATA.glob("*.jsonl"))
    models = (ROOT / "requirements" / "models.txt").read_text(encoding="utf-8").splitlines()
    return {
        "settings": digest_of(settings_of(EXPERIMENTS / name / "experiment.py")),
        "data": digest_of(sorted(hashlib.sha256(file.read_bytes()).hexdigest() for file in data)),
        "weights": digest_of([line for line in models if not line.startswith("#")]),
        "pins": digest_of(pins()),
    }


def read_rows(file: Path) -> Rows:
    """The objects of a JSON-lines file."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def write_rows(file: Path, rows: Rows) -> None:
    """Write a JSON-lines file whole or not at all."""
    part = file.with_name(f".{file.name}.{os.getpid()}")
    part.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    part.replace(file)


def peak_mb() -> int:
    """The largest memory that this process has had so far, in megabytes."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "darwin" else 1024))


def processor_seconds() -> float:
    """What this process and those it waited for have computed so far: unlike the clock, a busy machine does not add."""
    return sum(os.times()[:4])


def full_vectors() -> bool:
    """Whether this process was started by scripts/full_vectors.py, on a processor where that changes something."""
    return "full_vectors" in os.environ.get("LD_PRELOAD", "")


class Work:
    """An experiment's units of work. Each is kept when done, so that an interrupted run goes on where it stopped."""

    def __init__(self, name: str, tiny: bool):
        """`tiny` walks every path of the code on a handful of items: a test, not a result."""
        self.name, self.tiny, self.rows, self.seconds, self.peak_mb = name, tiny, [], 0.0, 0
        self.inputs = inputs_of(name)
        key = hashlib.sha256(json.dumps([self.inputs, tiny], sort_keys=True).encode()).hexdigest()[:16]
        self.folder = UNITS / name / key
        self.folder.mkdir(parents=True, exist_ok=True)

    def unit(self, key: str, make: Callable[[], Rows]) -> Rows:
        """The rows of one unit, made now unless they were made before; each is marked with the unit's key."""
        file = self.file(key)
        if not file.exists():
            start = processor_seconds()
            rows = [{"unit": key} | row for row in make()]
            cost = {"seconds": round(processor_seconds() - start, 1), "peak_mb": peak_mb()}
            write_rows(file, [cost, *rows])
        head, *rows = read_rows(file)
        self.seconds += head["seconds"]
        # A run in a process of its own tells its memory in its rows.
        self.peak_mb = max(self.peak_mb, head["peak_mb"], *(row.get("peak_mb", 0) for row in rows))
        self.rows += rows
        print(f"  {self.name}: {key}: {len(rows)} rows, {head['seconds']:.0f} s", flush=True)
        return rows

    def file(self, key: str) -> Path:
        """Where a unit is kept: what it cost, then its rows."""
        return self.folder / f"{key.replace('/', '--')}.jsonl"

    def kept(self, key: str) -> Rows:
        """The rows of a unit that was made before."""
        return read_rows(self.file(key))[1:]

    def keep_adapter(self, key: str, model) -> None:
        """Keep a trained adapter beside the unit of the same key, whole or not at all."""
        folder = self.adapter(key)
        part = folder.with_name(f".{folder.name}.{os.getpid()}")
        model.save_pretrained(part)
        card = adapter_card(self.name, key, model.peft_config["default"], self.inputs, self.tiny)
        (part / "README.md").write_text(card, encoding="utf-8")  # in place of the library's blank form
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)

    def adapter(self, key: str) -> Path:
        """The folder of a kept adapter; other experiments load it from there."""
        return self.folder / "adapters" / key.replace("/", "--")


def adapter_card(name: str, key: str, config, inputs: dict[str, str], tiny: bool) -> str:
    """What an adapter's folder says about it to who finds it there."""
    rank = f", rank {config.r}" if hasattr(config, "r") else ""
    hashes = "".join(f"- {part}: `{digest}`\n" for part, digest in inputs.items())
    small = "\nFrom a tiny run, which only tries the code: the weights are worth nothing.\n" if tiny else ""
    return f"""# An adapter of the experiment `{name}`
{small}
- Base model: `{config.base_model_name_or_path}` (Apache 2.0), its weights rounded to 4 bits
  and turned back by `scripts/lay_out_models.py`
- Trained as: `{key}`
- Kind: {config.peft_type.value}{rank}
- Data: messages, replies and facts of an invented company, Velmora Bikes; no real person is in them
- Licence: the code that trained it is MIT, the data CC0 1.0 (`LICENSE` and `LICENSE-CONTENT` in the repository)

Made to measure one thing, on a small model. Not for use outside the guide: nobody has checked what else it says.

`.venv/bin/python experiments/run.py {name}` makes it again. Hashes of what it was made from:

{hashes}"""


def provenance(work: Work, seeds: list[int], command: str) -> dict:
    """What made the results: hashes, versions, seeds, command, time and memory."""
    return {
        "inputs": inputs_of(work.name),
        "versions": {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES + ALSO_RECORDED},
        "seeds": seeds,
        "command": command,
        "seconds": round(work.seconds),
        "peak_mb": work.peak_mb,
        "processor": f"{os.cpu_count()} cores, {platform.machine()}" + ", full vectors" * full_vectors(),
    }


def use_local_models() -> None:
    """Point the libraries at the project's own model cache, offline, before they are imported.

    Whatever was exported: other weights would give other results under the same hash.
    """
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "SENTENCE_TRANSFORMERS_HOME"):
        os.environ.pop(name, None)
    os.environ["HF_HOME"] = str(HF_HOME)
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
