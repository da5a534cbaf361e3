"""Long tables written in HTML inside Markdown, for every cutter: how each is written, its header, and its rows."""

import time
from collections.abc import Callable

BOATS = [f"<tr><td>Boat {number}, of larch</td><td>£{number}.50 a day</td></tr>" for number in range(40)]
TALL = [row.replace("<td>", "\n<td>").replace("</tr>", "\n</tr>") for row in BOATS]  # a row on several lines
OPEN = [row.replace("</td>", "").replace("</tr>", "") for row in BOATS]  # no tag is closed
ONE = "<tr><th>Boat</th><th>Fee</th></tr>"
CAPTION = "<caption>For hire</caption>\n<colgroup><col><col></colgroup>"
TITLE, OTHER = ('<tr><th colspan="2">Rowing</th></tr>', "<tr><th>Sailing</th></tr>")  # of the rows below it
TWO = '<tr><th rowspan="2">Boat</th><th colspan="2">Fee</th></tr>\n<tr><th>By day</th><th>By week</th></tr>'


def table(head: str, rows: list[str], between: str = "\n") -> str:
    """A table: its header, its rows, and what stands between them."""
    return between.join([f"<table>\n{head}", *rows]) + "\n</table>"


def quoted(text: str, first: str, other: str) -> str:
    """A text in a quotation or a list: what stands before its first line, and before each other one."""
    return first + text.replace("\n", f"\n{other}")


# By name: the text, what each part of it begins with, and its rows, each of which is whole in one part.
HTML_TABLES = {
    "headers in the first row": (table(ONE, TALL), f"<table>\n{ONE}", TALL),
    "a thead": (
        table(f"<thead>{ONE}</thead>\n<tbody>", BOATS),
        f"<table>\n<thead>{ONE}</thead>\n<tbody>",
        BOATS,
    ),
    "a caption and columns before the headers": (
        table(f"{CAPTION}\n<thead>\n{ONE}\n</thead>\n<tbody>", BOATS),
        f"<table>\n{CAPTION}\n<thead>\n{ONE}\n</thead>\n<tbody>",
        BOATS,
    ),
    "rows and cells that are never closed": (
        table("<tr><th>Boat<th>Fee", OPEN),
        "<table>\n<tr><th>Boat<th>Fee",
        OPEN,
    ),
    "in a table that only places it": (
        f"<table>\n<tr><td>\n{table(ONE, BOATS)}\n</td></tr>\n</table>",
        f"<table>\n{ONE}",
        BOATS,
    ),
    "headers over two rows": (table(TWO, BOATS), f"<table>\n{TWO}", BOATS),
    "rows below titles": (
        table(ONE, [TITLE, *BOATS[:20], OTHER, *BOATS[20:]]),
        f"<table>\n{ONE}",
        [TITLE, *BOATS[:20], OTHER, *BOATS[20:]],
    ),
    "rows below titles, and a thead": (
        table(f"<thead>{ONE}</thead>\n<tbody>", [TITLE, *BOATS[:20], OTHER, *BOATS[20:]]),
        f"<table>\n<thead>{ONE}</thead>\n<tbody>",
        [TITLE, *BOATS[:20], OTHER, *BOATS[20:]],
    ),
    "a title above the headers": (table(f"{TITLE}\n{ONE}", BOATS), f"<table>\n{TITLE}\n{ONE}", BOATS),
    "an empty cell in the corner": (
        table("<tr><td></td><th>Fee</th></tr>", BOATS),
        "<table>\n<tr><td></td><th>Fee</th></tr>",
        BOATS,
    ),
    "a header at each row too": (
        table(ONE, [row.replace("td>", "th>", 2) for row in BOATS]),
        f"<table>\n{ONE}",
        [row.replace("td>", "th>", 2) for row in BOATS],
    ),
    "on one line": (f"<table>{ONE}{''.join(BOATS)}</table>", f"<table>{ONE}", BOATS),
    "in capitals, with attributes": (
        table(ONE, BOATS).replace("<table", '<TABLE border="1"').replace("tr>", "TR>").replace("<TR", '<TR class="a"'),
        f'<TABLE border="1">\n{ONE}'.replace("tr>", "TR>").replace("<TR", '<TR class="a"'),
        [row.replace("tr>", "TR>").replace("<TR", '<TR class="a"') for row in BOATS],
    ),
    "blank lines between the rows": (table(ONE, TALL, "\n\n"), f"<table>\n{ONE}", TALL),
    "in a quotation": (
        quoted(table(ONE, TALL), "> ", "> "),
        quoted(f"<table>\n{ONE}", "> ", "> "),
        [quoted(row, "> ", "> ") for row in TALL],
    ),
    "in a list": (
        quoted(table(ONE, TALL), "- ", "  "),
        quoted(f"<table>\n{ONE}", "- ", "  "),
        [quoted(row, "  ", "  ") for row in TALL],
    ),
    "no header": (table("", TALL).replace("\n\n", "\n"), "", TALL),
    "headers of rows alone": (
        table("", [row.replace("td>", "th>", 2) for row in BOATS]).replace("\n\n", "\n"),
        "",
        [row.replace("td>", "th>", 2) for row in BOATS],
    ),
}

# A table in a row of another, which goes on below it.
PIERS = "<table>\n<tr><th>Pier</th><th>Boats</th></tr>\n<tr><td>North</td><td>"
AFTER = "\n".join(f"<tr><td>Pier {number} in the south</td><td>none</td></tr>" for number in range(40))
WITHIN = f"{PIERS}{table(ONE, BOATS)}</td></tr>\n{AFTER}\n</table>\n"

# Damaged markup of any length, by name: so many of what is never closed.
DAMAGED = {
    "a table never closed": lambda count: "<table>\n\n" + "a\n\n" * count,
    "rows never closed": lambda count: "<table><th>" + "<tr " * count,
    "cells never closed": lambda count: "<table>\n<tr><th>" + "<td" * count,
}
FEW, MANY = 25_000, 100_000
# What is read once takes four times as long for four times the length; what is read again for each part, sixteen times.
AT_MOST = 9


def check_within(passages: list[str]) -> None:
    """Hold what WITHIN is cut into to what a reader of a table in a row of another needs."""
    parts = [one for one in passages if "larch" in one]
    assert len(parts) > 3 and all(f"<table>\n{ONE}" in one for one in parts)
    assert all(sum(row in one for one in parts) == 1 for row in BOATS)
    assert passages[0].startswith(PIERS) and sum(one.count("none") for one in passages) == 40
    assert passages[-1].startswith("<tr><td>Pier "), "what follows the inner table is no row of it"


def check_time(cut: Callable[[str], object], damaged: Callable[[int], str]) -> None:
    """Hold cutting damaged markup to a time that grows with its length."""
    few, many = damaged(FEW), damaged(MANY)
    assert seconds_of(lambda: cut(many)) < AT_MOST * seconds_of(lambda: cut(few))


def seconds_of(work: Callable[[], object]) -> float:
    """The processor time that something takes, the least of three: another process can only add to it."""
    taken = []
    for _ in range(3):
        begin = time.process_time()
        work()
        taken.append(time.process_time() - begin)
    return min(taken)
