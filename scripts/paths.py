"""Where things are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
SNIPPETS = ROOT / "snippets"
DATA = SNIPPETS / "data"
EXPERIMENTS = ROOT / "experiments"
LAB_DATA = SNIPPETS / "labs"
RESULTS = ROOT / "test-results"
HF_HOME = ROOT / ".cache" / "huggingface"
# What makes the libraries take the models laid out there and no others, set before they are imported; what would name
# other weights, which give other results, is taken away.
LOCAL_MODELS = {"HF_HOME": str(HF_HOME), "HF_HUB_OFFLINE": "1"}
OTHER_MODELS = ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "SENTENCE_TRANSFORMERS_HOME")


def all_programs() -> list[Path]:
    """Every program that a reader copies, in order of path; experiments and labs have tests of their own."""
    return sorted(path for path in SNIPPETS.rglob("*.py") if not {DATA, LAB_DATA} & set(path.parents))


def source_of(name: str) -> Path:
    """The file behind a name that pages, claims and rules use: `experiments/...`, else below snippets/."""
    return (ROOT if name.startswith("experiments/") else SNIPPETS) / name


def address_of(name: str) -> str:
    """Where the site serves such a file, below its root."""
    return name if name.startswith("experiments/") else f"snippets/{name}"


def name_of(program: Path) -> str:
    """A program's path below snippets/, the name it has everywhere: in messages, test ids and declarations."""
    return program.relative_to(SNIPPETS).as_posix()
