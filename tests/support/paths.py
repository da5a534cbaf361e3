"""Where things are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SNIPPETS = ROOT / "snippets"
DATA = SNIPPETS / "data"
EXPERIMENTS = SNIPPETS / "experiments"
RESULTS = ROOT / "test-results"
HF_HOME = ROOT / ".cache" / "huggingface"


def all_snippets() -> list[Path]:
    """Every program under snippets/ that a reader copies, in order of path; the experiments have tests of their own."""
    return sorted(path for path in SNIPPETS.rglob("*.py") if not {DATA, EXPERIMENTS} & set(path.parents))


def name_of(snippet: Path) -> str:
    """A snippet's path below snippets/, the name it has everywhere: in messages, test ids and declarations."""
    return snippet.relative_to(SNIPPETS).as_posix()
