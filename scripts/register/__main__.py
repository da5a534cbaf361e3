"""Write the register from the pages: `make register`. It keeps the source of each figure that is still true."""

import argparse
import sys

from scripts.register import book


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
        sys.exit(
            "\n".join([*wanting, f"Put the source of {len(wanting)} figures into the register, in place of each ?."])
        )
    print("Read what `git diff tests/register` shows: every line that changed is what the guide now says.")


if __name__ == "__main__":
    main()
