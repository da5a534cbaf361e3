"""Judge a rerun of an experiment by the published intervals: `python experiments/compare.py NAME --with DIR`.

DIR is what `run.py NAME --results DIR` was given. On another processor a token can flip and a training run then goes
its own way, so nothing is compared to the letter. The rerun differs when a rate is outside its published interval even
after the interval is widened for the number of rates (Bonferroni), or when more rates are outside the plain 95%
intervals than chance brings about, or when something is missing. Prints a report in Markdown; exits with 1 when the
rerun differs, with 2 when there is nothing to compare.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kit.paths import published, results_of
from rung.statistics import wilson
from scipy.stats import binom, norm

ALPHA = 0.05
ROUNDED = 1e-4  # published shares have four places
SHOWN = 30  # lines of a report
# What is no rate and repeats on any machine, and how far off it may be, as a share of the published value.
NUMBERS = {"bits per byte": 0.02, "tokens": 0.0, "parameters": 0.0}


@dataclass(frozen=True)
class Rate:
    """A published rate, where it stands in the metrics, and the same in the rerun; None where that has no such rate."""

    path: str
    published: dict
    rerun: dict | None

    def outside(self, alpha: float) -> bool:
        """Whether the rerun is outside the published interval of this level."""
        if not self.rerun:
            return True
        low, high = interval(self.published, alpha)
        return not low - ROUNDED <= self.rerun["share"] <= high + ROUNDED


def interval(figures: dict, alpha: float) -> tuple[float, float]:
    """The interval of a rate: Wilson's of its hits; a published one of clusters, widened to the level."""
    if "hits" in figures:
        ends = wilson(figures["hits"], figures["n"], 1 - alpha)
        return ends.low, ends.high
    wider = norm.isf(alpha / 2) / norm.isf(ALPHA / 2)
    share = figures["share"]
    return share - wider * (share - figures["low"]), share + wider * (figures["high"] - share)


def rates(before, after, path: tuple[str, ...] = ()) -> Iterator[Rate]:
    """Every rate of two metrics, side by side."""
    if not isinstance(before, dict):
        return
    if {"share", "low", "high"} <= before.keys():
        yield Rate(" / ".join(path), before, after if isinstance(after, dict) else None)
        return
    for name, value in before.items():
        yield from rates(value, after.get(name) if isinstance(after, dict) else None, (*path, name))


def numbers(before, after, path: tuple[str, ...] = ()) -> Iterator[str]:
    """A sentence for each of the NUMBERS that is off."""
    if not isinstance(before, dict):
        return
    for name, value in before.items():
        other = after.get(name) if isinstance(after, dict) else None
        if name in NUMBERS and not isinstance(value, dict):
            was, now = ([one] if not isinstance(one, list) else one for one in (value, other))
            if len(was) != len(now) or any(
                b is None or abs(a - b) > NUMBERS[name] * abs(a) for a, b in zip(was, now, strict=True)
            ):
                yield f"{' / '.join((*path, name))}: {value}, now {other}"
        else:
            yield from numbers(value, other, (*path, name))


def judge(before: dict, after: dict) -> tuple[bool, str]:
    """Whether a rerun differs, and a report in Markdown."""
    every = list(rates(before, after))
    out = [one for one in every if one.outside(ALPHA)]
    far = [one for one in out if one.outside(ALPHA / max(1, len(every)))]
    allowed = int(binom.ppf(1 - ALPHA, len(every), ALPHA)) if every else 0
    off = list(numbers(before, after))
    differs = bool(far or off or len(out) > allowed)
    lines = [
        f"**{'Differs' if differs else 'Agrees'}**: {len(out)} of {len(every)} rates are outside their published 95% "
        f"intervals (up to {allowed} may be, by chance), {len(far)} of them also outside intervals that allow for the "
        f"number of rates.",
        "",
    ]
    if out:
        lines += ["| Rate | Published | Now | |", "| --- | --: | --: | --- |"]
        lines += [rate_line(one, one in far) for one in sorted(out, key=lambda one: one not in far)[:SHOWN]]
        lines.append("")
    lines += [f"- {sentence}" for sentence in off[:SHOWN]]
    return differs, "\n".join(lines).rstrip() + "\n"


def rate_line(one: Rate, far: bool) -> str:
    """A line of the report's table."""
    was = f"{one.published['share']:.1%} ({one.published['low']:.1%} to {one.published['high']:.1%})"
    now = f"{one.rerun['share']:.1%}" if one.rerun else "missing"
    return f"| {one.path} | {was} | {now} | {'**differs**' if far else ''} |"


def main() -> None:
    """Read the command line, print the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", help=f"one of: {', '.join(published())}")
    parser.add_argument("--with", dest="folder", type=Path, required=True, help="what run.py was given as --results")
    given = parser.parse_args()
    if given.name not in published():
        print(f"There is no published experiment {given.name!r}. There are: {', '.join(published())}.", file=sys.stderr)
        sys.exit(2)
    rerun = given.folder / given.name / "metrics.json"
    if not rerun.exists():
        print(
            f"There is no {rerun}: run `.venv/bin/python experiments/run.py {given.name} --results {given.folder}`.",
            file=sys.stderr,
        )
        sys.exit(2)
    before, after = (
        json.loads(file.read_text(encoding="utf-8")) for file in (results_of(given.name) / "metrics.json", rerun)
    )
    differs, report = judge(before, after)
    print(f"## {given.name}\n\n{report}")
    sys.exit(int(differs))


if __name__ == "__main__":
    main()
