"""Plots as SVG that follows the page: its colours in light and dark, its title and description for a screen reader."""

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


def dots(title: str, description: str, bars: list[Bar]) -> str:
    """A row for each rate: a dot, its 95% interval as a line, the percentage in figures."""
    height = TOP + ROW * len(bars) + 12
    parts = [
        f'<svg class="plot" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="t d" font-size="14">',
        f'<title id="t">{escape(title)}</title><desc id="d">{escape(description)}</desc>',
    ]
    for share in (0, 0.25, 0.5, 0.75, 1):
        x = x_of(share)
        parts.append(f'<path class="plot-grid" d="M{x:.0f} {TOP - 8}V{height - 8}"/>')
        parts.append(f'<text class="plot-note" x="{x:.0f}" y="{TOP - 16}" text-anchor="middle">{share:.0%}</text>')
    for index, bar in enumerate(bars):
        y, kind = TOP + ROW * index + ROW / 2, " plot-mark" if bar.mark else ""
        parts += [
            f'<text x="{LABEL - 12}" y="{y + 5:.0f}" text-anchor="end">{escape(bar.label)}</text>',
            f'<path class="plot-line{kind}" d="M{x_of(bar.low):.1f} {y:.0f}H{x_of(bar.high):.1f}"/>',
            f'<circle class="plot-dot{kind}" cx="{x_of(bar.share):.1f}" cy="{y:.0f}" r="5"/>',
            f'<text class="plot-note" x="{WIDTH - RIGHT + 12}" y="{y + 5:.0f}">{bar.share:.0%}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])
