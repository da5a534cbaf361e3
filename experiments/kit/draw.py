"""Plots as SVG that follows the page: its colours in light and dark, its title and description for a screen reader.

They are narrow, so that the text can be read on a phone: names stand above what they name, not beside it.
"""

import re
from dataclasses import dataclass
from html import escape
from math import ceil, log2

WIDTH, ROW, EDGE, FIGURES = 400, 48, 12, 52
SHARES = (0, 0.25, 0.5, 0.75, 1)


@dataclass(frozen=True)
class Bar:
    """One proportion: a dot with its interval, all as shares from 0 to 1; `mark` draws it in the accent colour."""

    label: str
    share: float
    low: float
    high: float
    mark: bool = False

    @classmethod
    def of(cls, label: str, figures: dict, mark: bool = False) -> "Bar":
        """The proportion that kit.statistics gives."""
        return cls(label, figures["share"], figures["low"], figures["high"], mark)


@dataclass(frozen=True)
class Line:
    """One measure at several sizes: (size, lowest, median, highest of the seeds), as shares; `mark` for the accent."""

    label: str
    points: list[tuple[int, float, float, float]]
    mark: bool = False


@dataclass(frozen=True)
class Level:
    """A proportion to compare with, drawn across: a way without training."""

    label: str
    share: float


@dataclass(frozen=True)
class Spots:
    """Several runs of one kind: (share across, value up, whether it is filled)."""

    label: str
    spots: list[tuple[float, float, bool]]


def note(x: float, y: float, text: str, anchor: str = "middle") -> str:
    """Small text at a place."""
    return f'<text class="plot-note" x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{escape(text)}</text>'


def head(title: str, description: str, height: float) -> list[str]:
    """The opening of a plot, named for a screen reader; a page may hold several, so the names have ids of their own."""
    key = re.sub(r"[^a-z0-9]+", "-", title.lower())
    return [
        f'<svg class="plot" viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-labelledby="{key}-t {key}-d">',
        f'<title id="{key}-t">{escape(title)}</title><desc id="{key}-d">{escape(description)}</desc>',
    ]


def dots(title: str, bars: list[Bar]) -> str:
    """A row for each proportion: its name, under it a dot, its 95% interval as a line, the percentage in figures."""
    top, bottom = 30, 30 + ROW * len(bars)

    def x_of(share: float) -> float:
        return EDGE + share * (WIDTH - 2 * EDGE - FIGURES)

    parts = head(title, "; ".join(f"{bar.label} {bar.share:.0%}" for bar in bars), bottom + 8)
    for share in SHARES:
        parts.append(f'<path class="plot-grid" d="M{x_of(share):.0f} {top - 8}V{bottom}"/>')
        parts.append(note(x_of(share), top - 14, f"{share:.0%}", "start" if share == 0 else "middle"))
    for index, bar in enumerate(bars):
        y, kind = top + ROW * index + 30, " plot-mark" if bar.mark else ""
        parts += [
            f'<text class="plot-name" x="{EDGE}" y="{y - 14}">{escape(bar.label)}</text>',
            f'<path class="plot-line{kind}" d="M{x_of(bar.low):.1f} {y}H{x_of(bar.high):.1f}"/>',
            f'<circle class="plot-dot{kind}" cx="{x_of(bar.share):.1f}" cy="{y}" r="5.5"/>',
            f'<text class="plot-name" x="{WIDTH - EDGE}" y="{y + 5}" text-anchor="end">{bar.share:.0%}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


def curve(  # noqa: PLR0913, PLR0917 - a plot has this many parts
    title: str,
    description: str,
    lines: list[Line],
    levels: list[Level],
    across: str = "examples",
    tops: float | None = None,
) -> str:
    """Shares at each size, one step to the right for each; bars show the seeds' spread.

    `across` names the sizes. With `tops` the axis is not of shares: it ends at this value.
    """
    named = [*lines, *levels]
    left, right, top = 46, WIDTH - 16, 24 + 22 * len(named)
    bottom = top + 240
    sizes = [size for size, *_ in lines[0].points]
    step = (right - left - 24) / max(1, len(sizes) - 1)

    def y_of(share: float) -> float:
        return bottom - share * (bottom - top)

    parts = head(title, description, bottom + 52)
    for index, one in enumerate(named):
        y = 14 + 22 * index
        if isinstance(one, Level):
            drawn = f'<path class="plot-level plot-level-{index - len(lines)}" d="M{EDGE} {y}h28"/>'
            label = f"{one.label}: {one.share:.0%}"
        else:
            kind = " plot-mark" if one.mark else ""
            drawn = f'<path class="plot-curve{kind}" d="M{EDGE} {y}h28"/>'
            drawn += f'<circle class="plot-dot{kind}" cx="{EDGE + 14}" cy="{y}" r="4.5"/>'
            label = one.label
        parts += [drawn, f'<text class="plot-name" x="{EDGE + 38}" y="{y + 5}">{escape(label)}</text>']
    for share in SHARES:
        y = y_of(share)
        parts.append(f'<path class="plot-grid" d="M{left} {y:.0f}H{right}"/>')
        parts.append(note(left - 8, y + 5, f"{share:.0%}" if tops is None else f"{share * tops:.1f}", "end"))
    for index, size in enumerate(sizes):
        parts.append(note(left + 12 + step * index, bottom + 20, str(size)))
    parts.append(note((left + right) / 2, bottom + 42, across))
    for index, level in enumerate(levels):
        parts.append(f'<path class="plot-level plot-level-{index}" d="M{left} {y_of(level.share):.1f}H{right}"/>')
    for line in lines:
        kind = " plot-mark" if line.mark else ""
        places = [(left + 12 + step * index, y_of(median)) for index, (_, _, median, _) in enumerate(line.points)]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        parts.append(f'<path class="plot-curve{kind}" d="M{path}"/>')
        for (x, y), (_, low, _, high) in zip(places, line.points, strict=True):
            parts.append(f'<path class="plot-line{kind}" d="M{x:.1f} {y_of(low):.1f}V{y_of(high):.1f}"/>')
            parts.append(f'<circle class="plot-dot{kind}" cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>')
    return "\n".join([*parts, "</svg>", ""])


def spot(shape: int, x: float, y: float, filled: bool) -> str:
    """A mark in one of six shapes, so that colour need not tell them apart; hollow unless it is filled."""
    paths = [
        "M-5-5h10v10h-10Z",
        "M0-7 7 6H-7Z",
        "M0-7 7 0 0 7-7 0Z",
        "M0 7 7-6H-7Z",
        "M-6-2h4v-4h4v4h4v4h-4v4h-4v-4h-4Z",
    ]
    kind = "plot-spot" + " plot-mark" * filled
    if shape == 0:
        return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="6"/>'
    return f'<path class="{kind}" transform="translate({x:.1f} {y:.1f})" d="{paths[shape - 1]}"/>'


def scatter(title: str, groups: list[Spots], across: str, up: str) -> str:
    """A mark for each run: a share across, a positive value up, each step of it a doubling."""
    left, right, top = 46, WIDTH - 16, 30 + 22 * len(groups)
    bottom = top + 260
    values = [value for one in groups for _, value, _ in one.spots]
    low = min(values) * 0.9
    doublings = max(1, ceil(log2(max(values) / low)))

    def place(share: float, value: float) -> tuple[float, float]:
        return left + share * (right - left), bottom - log2(value / low) / doublings * (bottom - top)

    told = (
        f"{one.label}: " + ", ".join(f"{share:.0%} at {value:.0f}" for share, value, _ in one.spots) for one in groups
    )
    parts = head(title, f"{across} and {up}. " + "; ".join(told), bottom + 52)
    for index, one in enumerate(groups):
        y = 14 + 22 * index
        parts += [
            spot(index, EDGE + 8, y, False),
            f'<text class="plot-name" x="{EDGE + 24}" y="{y + 5}">{escape(one.label)}</text>',
        ]
    for share in SHARES:
        x = place(share, low)[0]
        parts.append(f'<path class="plot-grid" d="M{x:.0f} {top}V{bottom}"/>')
        parts.append(note(x, bottom + 20, f"{share:.0%}"))
    for step in range(doublings + 1):
        y = place(0, low * 2**step)[1]
        parts.append(f'<path class="plot-grid" d="M{left} {y:.0f}H{right}"/>')
        parts.append(note(left - 8, y + 5, f"{low * 2**step:.0f}", "end"))
    parts += [note((left + right) / 2, bottom + 42, across), note(left, top - 10, up, "start")]
    for index, one in enumerate(groups):
        parts += [spot(index, *place(share, value), filled) for share, value, filled in one.spots]
    return "\n".join([*parts, "</svg>", ""])
