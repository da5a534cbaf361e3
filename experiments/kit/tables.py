"""Markdown tables."""


def table(heads: list[str], rows: list[list[str]], right: int = 0) -> str:
    """A Markdown table; the last `right` columns are aligned to the right."""
    rule = ["---"] * (len(heads) - right) + ["--:"] * right
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (heads, rule, *rows))
