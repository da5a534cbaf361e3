"""Write pages.jsonl, the copy of this guide that the lab searches: `python freeze.py`, then go over the questions.

Frozen, so that the lab's figures do not move whenever somebody mends a sentence. Left out: the practice page, which
says most of the guide once more as questions and answers; the labs; and drafts.
"""

import json
from pathlib import Path

HERE = Path(__file__).resolve().parent
DOCS = HERE.parents[2] / "docs"
LEFT_OUT = ("labs/", "snippets/", "tools/practice.md")


def main() -> None:
    """Write each page as it stands, Markdown and all, in order of path."""
    pages = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md") if not path.name.startswith("_"))
    kept = [page for page in pages if not page.startswith(LEFT_OUT)]
    rows = [{"page": page, "text": (DOCS / page).read_text(encoding="utf-8")} for page in kept]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (HERE / "pages.jsonl").write_text(text, encoding="utf-8")
    print(f"{len(rows)} pages, {len(text.encode()) // 1000} kB")


if __name__ == "__main__":
    main()
