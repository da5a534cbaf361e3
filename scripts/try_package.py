"""Build the wheel of rung, install its light part into a clean environment, and use it there.

`python scripts/try_package.py [folder]`. Everything is made in the folder, a temporary one where none is given. No
PyTorch may come along: search by words, scoring, statistics and an endpoint's models do without it.
"""

import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("torch", "transformers", "sentence_transformers", "chromadb")
SEARCH = """
import importlib.util, sys
from pathlib import Path
from rung.case import read_case
from rung.retrieval import Recipe, build, fingerprint
heavy = [name for name in sys.argv[2:] if importlib.util.find_spec(name)]
assert not heavy, f"the light part brought {heavy} along"
case = read_case(Path(sys.argv[1]))
index = build(Path(sys.argv[1]) / "index", case.documents, fingerprint(case.files, case.folder), Recipe(200), None)
hits = index.search(["How old must you be to hold an account?"], "bm25", 3)[0]
print(index.passages[hits[0].number].document)
"""


def run(*command: object, code: int = 0) -> str:
    """What a command prints on both channels; stops where it does not end with this code."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([str(part) for part in command], capture_output=True, encoding="utf-8", env=environment)
    if done.returncode != code:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def installed(folder: Path) -> Path:
    """The programs of a clean environment with the light part in it."""
    builder, clean = folder / "builder", folder / "clean"
    for place in (builder, clean):
        venv.create(place, with_pip=True)
    programs = "Scripts" if os.name == "nt" else "bin"
    run(builder / programs / "python", "-m", "pip", "install", "-q", "build")
    run(builder / programs / "python", "-m", "build", "--wheel", "-o", folder / "dist", ROOT / "rung")
    wheel = next((folder / "dist").glob("*.whl"))
    run(clean / programs / "python", "-m", "pip", "install", "-q", f"{wheel}[documents]")
    return clean / programs


def use(programs: Path, folder: Path) -> None:
    """Make cases, search one, measure what needs no model, compare two files of predictions."""
    for words in ([], ["init"], ["measure"], ["ask"], ["compare"]):
        assert "Usage" in run(programs / "rung", *words, "--help")
    case = folder / "case"
    run(programs / "rung", "init", case)
    found = run(programs / "python", "-c", SEARCH, case, *HEAVY).strip()
    assert found == "policy/privacy-policy-2025.md", f"BM25 found {found}"
    measured = run(programs / "rung", "measure", case)
    assert "bm25" in measured and "Answers were not measured. A local model needs" in measured
    run(programs / "rung", "init", folder / "labels", "--kind", "label")
    labelled = run(programs / "rung", "measure", folder / "labels")
    assert "logistic regression on words" in labelled and "Only no model was measured" in labelled
    asked = next((folder / "dist").glob("*.whl")).name + "[local]"
    assert asked in "".join(labelled.split()), "the message names the very wheel that was installed"
    files = [folder / "a.jsonl", folder / "b.jsonl"]
    for file, right in zip(files, (0.9, 0.5), strict=True):
        rows = [{"item": str(number), "right": number < 40 * right} for number in range(40)]
        file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert "+40.0 points" in run(programs / "rung", "compare", *files)


def main() -> None:
    """Build, install, use."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else temporary).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        use(installed(folder), folder)
    print("The wheel builds, installs without PyTorch, and works.")


if __name__ == "__main__":
    main()
