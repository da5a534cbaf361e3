"""Plots as SVG that follows the page: its colours in light and dark, its title and description for a screen reader."""

import re
from dataclasses import dataclass
from html import escape

WIDTH, ROW, TOP, LABEL, RIGHT = 640, 34, 34, 230, 60


@dataclass(frozen=True)
class Bar:
    """One rate: a dot with its interval, all as shares from 0 to 1; `mark` draws it in the accent colour."""

    label: str
    share: float
    low: float
    high: float
    mark: bool = False


def x_of(share: float) -> float:
    """Where a share lies on the axis, in the drawing's units."""
    return LABEL + share * (WIDTH - LABEL - RIGHT)


def note(x: float, y: float, text: str) -> str:
    """Small text, centred at a place."""
    return f'<text class="plot-note" x="{x:.0f}" y="{y:.0f}" text-anchor="middle">{escape(text)}</text>'


def head(title: str, description: str, height: int) -> list[str]:
    """The opening of a plot, named for a screen reader; a page may hold several, so the names have ids of their own."""
    key = re.sub(r"[^a-z0-9]+", "-", title.lower())
    return [
        f'<svg class="plot" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{key}-t {key}-d" font-size="14">',
        f'<title id="{key}-t">{escape(title)}</title><desc id="{key}-d">{escape(description)}</desc>',
    ]


def dots(title: str, description: str, bars: list[Bar]) -> str:
    """A row for each rate: a dot, its 95% interval as a line, the percentage in figures."""
    height = TOP + ROW * len(bars) + 12
    parts = head(title, description, height)
    for share in (0, 0.25, 0.5, 0.75, 1):
        x = x_of(share)
        parts.append(f'<path class="plot-grid" d="M{x:.0f} {TOP - 8}V{height - 8}"/>')
        parts.append(note(x, TOP - 16, f"{share:.0%}"))
    for index, bar in enumerate(bars):
        y, kind = TOP + ROW * index + ROW / 2, " plot-mark" if bar.mark else ""
        parts += [
            f'<text x="{LABEL - 12}" y="{y + 5:.0f}" text-anchor="end">{escape(bar.label)}</text>',
            f'<path class="plot-line{kind}" d="M{x_of(bar.low):.1f} {y:.0f}H{x_of(bar.high):.1f}"/>',
            f'<circle class="plot-dot{kind}" cx="{x_of(bar.share):.1f}" cy="{y:.0f}" r="5"/>',
            f'<text class="plot-note" x="{WIDTH - RIGHT + 12}" y="{y + 5:.0f}">{bar.share:.0%}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


@dataclass(frozen=True)
class Line:
    """One measure at several sizes: (size, lowest, middle, highest of the seeds), as shares; `mark` for the accent."""

    label: str
    points: list[tuple[int, float, float, float]]
    mark: bool = False


@dataclass(frozen=True)
class Level:
    """A rate to compare with, drawn across: a way without training."""

    label: str
    share: float


def curve(
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
    left, right, top, bottom, height = 48, 190, 20, 300, 350
    sizes = [size for size, *_ in lines[0].points]
    step = (WIDTH - left - right) / max(1, len(sizes) - 1)

    def y_of(share: float) -> float:
        return bottom - share * (bottom - top)

    parts = head(title, description, height)
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = y_of(share)
        parts.append(f'<path class="plot-grid" d="M{left} {y:.0f}H{WIDTH - right}"/>')
        mark = f"{share:.0%}" if tops is None else f"{share * tops:.1f}"
        parts.append(f'<text class="plot-note" x="{left - 8}" y="{y + 5:.0f}" text-anchor="end">{mark}</text>')
    for index, size in enumerate(sizes):
        parts.append(note(left + step * index, bottom + 22, str(size)))
    parts.append(note((left + WIDTH - right) / 2, bottom + 44, across))
    ends = []
    for level in levels:
        y = y_of(level.share)
        parts.append(f'<path class="plot-level" d="M{left} {y:.1f}H{WIDTH - right}"/>')
        ends.append((y, level.label, ""))
    for line in lines:
        kind = " plot-mark" if line.mark else ""
        places = [(left + step * index, y_of(middle)) for index, (_, _, middle, _) in enumerate(line.points)]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        parts.append(f'<path class="plot-curve{kind}" d="M{path}"/>')
        for (x, y), (_, low, _, high) in zip(places, line.points, strict=True):
            parts.append(f'<path class="plot-line{kind}" d="M{x:.1f} {y_of(low):.1f}V{y_of(high):.1f}"/>')
            parts.append(f'<circle class="plot-dot{kind}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>')
        ends.append((places[-1][1], line.label, kind))
    below = 0.0
    for y, label, kind in sorted(ends):
        below = max(y + 5, below + 17)  # labels do not overlap
        parts.append(f'<text class="plot-end{kind}" x="{WIDTH - right + 14}" y="{below:.0f}">{escape(label)}</text>')
    return "\n".join([*parts, "</svg>", ""])
