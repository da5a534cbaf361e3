"""Write the generated part of a page, or a file that is generated as a whole, and tell when one is out of date.

A part stands between two markers. The first names the file to edit, or the command that makes it, and ends with a hash
of the part as it was written, so that something typed into the part is told from data that has changed since, and is
not lost.
"""

import difflib
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scripts.pages.data import BrokenData, shown

COMMAND = "make pages"


def digest(part: str) -> str:
    """A short hash of a part."""
    return hashlib.sha256(part.encode()).hexdigest()[:12]


def start_marker(source: str, part: str, made_by: str = "") -> str:
    """The line before a part that is generated from this source, which a person edits or a command makes."""
    how = f"made by {made_by}; after that, run {COMMAND}" if made_by else f"edit that file, then run {COMMAND}"
    return f"<!-- generated from {source}: {how} ({digest(part)}) -->"


def end_marker(source: str) -> str:
    """The line after a part that is generated from this source."""
    return f"<!-- end of what is generated from {source} -->"


def split_at_markers(text: str, source: str) -> tuple[str, str, str, str]:
    """A page in four: what is before the part, the hash in its first marker, the part, what is after it.

    Raises ValueError where the page has not just these two markers. How the source is made may be worded otherwise.
    """
    start = rf"<!-- generated from {re.escape(source)}: [^\n]* \(([0-9a-f]*)\) -->"
    pieces = re.split(rf"{start}\n\n(.*?)\n*{re.escape(end_marker(source))}", text, flags=re.DOTALL)
    if len(pieces) != 4:
        start = start_marker(source, "").partition(":")[0]
        raise ValueError(f"it needs one line that begins `{start}` and, below it, one `{end_marker(source)}`")
    before, hashed, part, after = pieces
    return before, hashed, part, after


@dataclass(frozen=True)
class Generated:
    """A part of a page, or a whole file, that is generated from a source."""

    target: Path
    source: str  # what to edit instead, as messages name it
    render: Callable[[], str]  # raises BrokenData where the source is not as it should be
    is_whole_file: bool = False
    afterwards: str = ""  # what to do once it is written anew
    made_by: str = ""  # the command that makes the source, where nobody edits that

    @property
    def name(self) -> str:
        """The target's path, for messages."""
        return shown(self.target)

    def text(self) -> str:
        """The target as it is; empty where it is not there."""
        return self.target.read_text(encoding="utf-8") if self.target.exists() else ""

    def wanted(self) -> str:
        """The target as it should be. Raises BrokenData where its source is broken or its markers are gone."""
        part = self.render()
        if self.is_whole_file:
            return part
        try:
            before, _, _, after = split_at_markers(self.text(), self.source)
        except ValueError as error:
            raise BrokenData(f"{self.name} has lost its markers: {error}.") from None
        return f"{before}{start_marker(self.source, part, self.made_by)}\n\n{part}\n\n{end_marker(self.source)}{after}"

    def typed_line(self, wanted: str) -> int | None:
        """The number of the first line that was typed into the part by hand; None where none was."""
        text = self.text()
        if self.is_whole_file or text == wanted:
            return None
        before, hashed, part, _ = split_at_markers(text, self.source)
        lines, new = part.splitlines(), self.render().splitlines()
        if hashed == digest(part) or lines == new:
            return None
        differing = (number for number, (old, now) in enumerate(zip(lines, new, strict=False)) if old != now)
        return before.count("\n") + 3 + next(differing, min(len(lines), len(new)))

    def problem(self) -> str:
        """A sentence that says why the target is out of date and what to do; empty where it is not."""
        wanted = self.wanted()
        if self.text() == wanted:
            return ""
        if line := self.typed_line(wanted):
            how = f"make the change in {self.source}, then run"
            if self.made_by:
                how = f"{self.source} is made by `{self.made_by}`; run"
            return (
                f"{self.name}:{line} was edited where the page is generated: {how} `{COMMAND} discard=1`, "
                "which replaces what was typed there."
            )
        by_hand = ", or was edited by hand" if self.is_whole_file else ""
        how = f"that is made by `{self.made_by}`; after it," if self.made_by else "edit only that file, and"
        return f"{self.name} is out of date with {self.source}{by_hand}: {how} run `{COMMAND}`."

    def write(self, discard: bool = False) -> str:
        """Write the target where it is out of date and say so; empty where it is not.

        Raises BrokenData, and writes nothing, where the part was edited by hand and that is not to be discarded.
        """
        wanted, text = self.wanted(), self.text()
        if text == wanted:
            return ""
        if self.typed_line(wanted) and not discard:
            raise BrokenData(self.problem())
        self.target.write_text(wanted, encoding="utf-8")
        changes = list(difflib.unified_diff(text.splitlines(), wanted.splitlines(), n=0, lineterm=""))[2:]
        gone, new = (sum(line.startswith(sign) for line in changes) for sign in "-+")
        return f"{self.name}: written from {self.source} ({gone} lines went, {new} came). {self.afterwards}".strip()
