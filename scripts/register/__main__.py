"""Write the register from the pages: `make register`. It keeps the source of each figure that is still true."""

import argparse
import sys

from scripts.register import book
from scripts.register.sources import REASONS

WANTED = f"""Put a source after the colon in each of these lines, in place of what stands there. It is one of
  a file, a line, a column   ladder/measuring-rag/measure_retrieval.out > Paraphrase wording > BM25
  a work                     evidence/papers.md#ovadia-2023
  a sum of such places       = {{one place}} - {{another}}
  why there is none          {" ".join(f"({reason})" for reason in REASONS)}
The page “How to contribute” tells more, under “Quote a figure, or say which is better”."""


def main() -> None:
    """Write the files of the pages named, or of all that say something new, and list the figures without a source."""
    parser = argparse.ArgumentParser(prog="python -m scripts.register", description=__doc__)
    parser.add_argument("only", nargs="*", help="files, such as docs/ladder/rag.md; all where none is named")
    only = set(parser.parse_args().only)
    unknown = only - {book.name_of(page) for page in book.sources()}
    if unknown:
        parser.error(f"there is no {sorted(unknown)[0]}")
    for page in book.sources():
        if only and book.name_of(page) not in only:
            continue
        if book.differences(page) or book.unfounded(page):
            book.write(page, book.renewed(page))
            print(f"{book.file_for(page).relative_to(book.ROOT)}: written")
    for file in book.strays():
        file.unlink()
        print(f"{file.relative_to(book.ROOT)}: removed, for its page is gone")
    wanting = [line for page in book.sources() for line in book.unfounded(page)]
    if wanting:
        sys.exit("\n".join([*wanting, WANTED]))
    print("Read what `git diff tests/register` shows: every line that changed is what the guide now says.")


if __name__ == "__main__":
    main()
