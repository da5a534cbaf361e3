"""Write every generated part of a page: `python -m scripts.pages`. With --check, only say what is out of date."""

import argparse
import sys

from scripts.pages import (
    ask,
    contrasts,
    cost,
    decide,
    experiments,
    inline_metadata,
    ledger,
    practice,
    rubric_points,
    rungs,
    search,
    sizes,
)
from scripts.pages.data import BrokenData
from scripts.pages.generated import Generated

GENERATED = [
    ledger.GENERATED,
    contrasts.GENERATED,
    sizes.GENERATED,
    decide.GENERATED,
    cost.GENERATED,
    *practice.GENERATED,
    *rubric_points.GENERATED,
    experiments.GENERATED,
    search.GENERATED,
    ask.GENERATED,
    *rungs.GENERATED,
    *inline_metadata.GENERATED,
]


def problems_of(generated: list[Generated]) -> list[str]:
    """A sentence for each target that is out of date, and for each thing that is wrong in a source."""
    found = []
    for one in generated:
        try:
            found += [problem] if (problem := one.problem()) else []
        except BrokenData as error:
            found += str(error).splitlines()
    return list(dict.fromkeys(found))


def write(generated: list[Generated], discard: bool) -> list[str]:
    """Write what is out of date, print what was written, and return a sentence for each target that was left alone."""
    found = []
    says_something_new = False
    for one in generated:
        try:
            if done := one.write(discard):
                print(done)
                says_something_new |= one.target.suffix == ".md"
        except BrokenData as error:
            found += str(error).splitlines()
    if says_something_new:
        print("These pages say something new: run `make register`, which holds what pages say, and read its diff.")
    return list(dict.fromkeys(found))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m scripts.pages", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; say what is out of date")
    parser.add_argument("--discard", action="store_true", help="replace what was typed into a generated part, too")
    given = parser.parse_args()
    if given.check and given.discard:
        parser.error("--check writes nothing, so there is nothing to discard: leave one of the two out.")
    problems = problems_of(GENERATED) if given.check else write(GENERATED, given.discard)
    if problems:
        sys.exit("\n".join(problems))
    if given.check:
        print(f"All {len(GENERATED)} generated parts are up to date.")


if __name__ == "__main__":
    main()
