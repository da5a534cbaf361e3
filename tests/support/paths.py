"""Where things are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SNIPPETS = ROOT / "snippets"
DATA = SNIPPETS / "data"
EXPERIMENTS = SNIPPETS / "experiments"
LAB_DATA = SNIPPETS / "labs"
RESULTS = ROOT / "test-results"
HF_HOME = ROOT / ".cache" / "huggingface"


def all_snippets() -> list[Path]:
    """Every program that a reader copies, in order of path; experiments and labs have tests of their own."""
    return sorted(path for path in SNIPPETS.rglob("*.py") if not {DATA, EXPERIMENTS, LAB_DATA} & set(path.parents))


def name_of(snippet: Path) -> str:
    """A snippet's path below snippets/, the name it has everywhere: in messages, test ids and declarations."""
    return snippet.relative_to(SNIPPETS).as_posix()
