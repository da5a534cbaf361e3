"""What made a result, so that a test can say when it is stale: settings, version, data, weights, pinned libraries."""

import hashlib
import importlib
import json
import os
import platform
import re
import resource
import sys
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

from kit.models import EMBEDDER, EMBEDDER_SHA256, MODELS
from kit.paths import ROOT

# Those of every experiment; what else one computes with stands in its own LIBRARIES.
LIBRARIES = ("torch", "transformers", "peft", "sentence-transformers", "statsmodels")
# Recorded with a result, and no part of what makes it stale: older results do not have them.
ALSO_RECORDED = ("tokenizers", "numpy", "scipy", "scikit-learn", "llguidance")
PIN = re.compile(r"^([\w.-]+)==([\w.+!]+)", re.MULTILINE)


def digest_of(value) -> str:
    """The hex digest of a value, written as JSON."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def plain(settings) -> dict:
    """Settings as they are after a way through JSON: what can be compared with those in a file."""
    return json.loads(json.dumps(asdict(settings)))


def pins(more: tuple[str, ...] = ()) -> dict[str, str]:
    """The pinned versions of the libraries that a result depends on, with those that not every experiment uses."""
    files = (ROOT / "requirements" / name for name in ("torch.txt", "test.txt"))
    pinned = dict(pin for file in files for pin in PIN.findall(file.read_text(encoding="utf-8")))
    return {name: pinned[name] for name in LIBRARIES + more}


def weights_of(model: str) -> dict[str, str]:
    """The checksums of the weights that an experiment with this model uses."""
    return {MODELS[model].name: MODELS[model].sha256, EMBEDDER: EMBEDDER_SHA256}


def data_digest(files: tuple[Path, ...]) -> str:
    """One digest of what stands in data files, wherever they are and whatever they are called."""
    return digest_of(sorted(hashlib.sha256(file.read_bytes()).hexdigest() for file in files))


def module_of(name: str) -> ModuleType:
    """The program of an experiment: VERSION, SETTINGS, TINY, SLICE, DATA, predict, and LIBRARIES of its own."""
    return importlib.import_module(f"{name}.experiment")


def inputs_of(experiment: ModuleType, settings) -> dict:
    """What the predictions of an experiment with these settings depend on. A result is stale when any of it changed.

    Not the text of the programs: a comment, a new name or a moved file changes no prediction. Whoever changes the
    computation raises the experiment's VERSION, and a test runs a slice of each experiment against what it published.
    """
    return {
        "version": experiment.VERSION,
        "settings": plain(settings),
        "data": data_digest(experiment.DATA),
        "weights": weights_of(settings.model),
        "pins": pins(getattr(experiment, "LIBRARIES", ())),
    }


def inputs_in(results: Path) -> dict | None:
    """The inputs that the results in a folder were made from; nothing where they are not whole."""
    file = results / "provenance.json"
    return json.loads(file.read_text(encoding="utf-8"))["inputs"] if file.exists() else None


def changed(now: dict, before: dict) -> list[str]:
    """What differs between two results' inputs, for a sentence: settings by name."""
    parts = [part for part in now if part != "settings" and now[part] != before.get(part)]
    settings = now["settings"].keys() | before["settings"].keys()
    missing = object()
    named = [
        f"the setting {name!r}"
        for name in sorted(settings)
        if now["settings"].get(name, missing) != before["settings"].get(name, missing)
    ]
    return [*parts, *named]


def peak_mb() -> int:
    """The largest memory that this process has had so far, in megabytes."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "darwin" else 1024))


def processor_seconds() -> float:
    """What this process and those it waited for have computed so far: unlike the clock, a busy machine does not add."""
    return sum(os.times()[:4])


def full_vectors() -> bool:
    """Whether this process was started by scripts/full_vectors.py, on a processor where that changes something."""
    return "full_vectors" in os.environ.get("LD_PRELOAD", "")


def provenance(work, command: str) -> dict:
    """What made the results: inputs, versions, command, time and memory."""
    return {
        "inputs": work.inputs,
        "versions": {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES + ALSO_RECORDED},
        "seeds": work.inputs["settings"]["seeds"],
        "command": command,
        "seconds": round(work.seconds),
        "peak_mb": work.peak_mb,
        "processor": f"{os.cpu_count()} cores, {platform.machine()}" + ", full vectors" * full_vectors(),
    }
