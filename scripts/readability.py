"""How hard each page is to read: `python -m scripts.readability` prints a table, hardest first. A report, not a check.

The measure is LIX (C. H. Björnsson, 1968): words per sentence, plus the percentage of words longer than six letters.
About 30 is easy, 40 a newspaper, 50 and more heavy. It knows nothing of sense, and terms of the trade are long words.
"""

import re

from scripts.markdown import FENCE, all_pages, page_name

LONG = 7  # letters
MARKUP = re.compile(
    r"\A---\n.*?\n---\n|<svg.*?</svg>|<[^>]+>|\{[^}]*\}|`[^`]*`|^[ \t]*(?:\||#+ |--8<--)[^\n]*$",
    re.DOTALL | re.MULTILINE,
)
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def prose_of(text: str) -> str:
    """A page's sentences: without front matter, programs, tables, headings, drawings and the addresses of links."""
    return LINK.sub(r"\1", MARKUP.sub(" ", FENCE.sub(" ", text)))


def lix(prose: str) -> float:
    """The LIX of a text; 0 for one without words."""
    words = re.findall(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*", prose)
    sentences = len(re.findall(r"[.!?:](?=\s|$)", prose)) or 1
    long = sum(len(word) >= LONG for word in words)
    return len(words) / sentences + 100 * long / len(words) if words else 0.0


def main() -> None:
    """Print the table."""
    rows = [
        (lix(prose), len(prose.split()), page_name(page))
        for page in all_pages()
        for prose in [prose_of(page.read_text("utf-8"))]
    ]
    print("  LIX  words  page")
    for score, words, name in sorted(rows, reverse=True):
        print(f"{score:5.0f}  {words:5}  {name}")


if __name__ == "__main__":
    main()
