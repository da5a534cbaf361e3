"""An experiment's work in units, each kept when it is done, so that an interrupted run goes on where it stopped."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from kit.paths import cache
from kit.provenance import digest_of, inputs_in, peak_mb, processor_seconds
from kit.rows import Rows, read_predictions, write_rows


class Work:
    """The units of one run, and the rows they gave."""

    def __init__(
        self,
        name: str,
        inputs: dict,
        published: Rows = (),
        only: tuple[str, ...] = (),
        results: Path | None = None,
    ):
        """`inputs` name what the work depends on: with others, everything is done anew.

        With `only`, no other unit is computed: of those the rows are the published ones. That is how a slice of an
        experiment is run again without the hours before it.

        With `results`, the folder where the whole is to stand, each unit is also put into `unfinished/` there, under
        version control, and taken from there where the cache lacks it: hours of work survive the machine.
        """
        self.name, self.inputs, self.only = name, inputs, only
        self.published = published
        self.rows: Rows = []
        self.seconds, self.peak_mb = 0.0, 0
        digest = digest_of(inputs)[:16]
        self.folder = cache() / name / digest
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = results is not None and inputs_in(results) != inputs
        self.unfinished = results / "unfinished" / digest if unfinished else None
        if self.unfinished:
            exchange(self.folder, self.unfinished)

    def unit(self, key: str, make: Callable[[], Rows]) -> Rows:
        """The rows of one unit, made now unless they were made before; each is marked with the unit's key."""
        if self.only and key not in self.only:
            return [row for row in self.published if row["unit"] == key]
        file = self.file(key)
        if not file.exists():
            start = processor_seconds()
            rows = [{"unit": key} | row for row in make()]
            cost = {"seconds": round(processor_seconds() - start, 1), "peak_mb": peak_mb()}
            write_rows(file, [cost, *rows])
            if self.unfinished:
                exchange(self.folder, self.unfinished)
        cost, *rows = read_predictions(file)
        self.seconds += cost["seconds"]
        # A run in a process of its own records its memory in its rows.
        self.peak_mb = max(self.peak_mb, cost["peak_mb"], *(row.get("peak_mb", 0) for row in rows))
        self.rows += rows
        print(f"  {self.name}: {key}: {len(rows)} rows, {cost['seconds']:.0f} s", flush=True)
        return rows

    def file(self, key: str) -> Path:
        """Where a unit is kept: what it cost, then its rows."""
        return self.folder / f"{key.replace('/', '--')}.jsonl"

    def costs(self) -> list[float]:
        """The processor seconds of each unit that is done."""
        return [read_predictions(file)[0]["seconds"] for file in sorted(self.folder.glob("*.jsonl"))]

    def whole(self) -> None:
        """Say that all results are written: the units need not be kept beside them any more."""
        if self.unfinished:
            shutil.rmtree(self.unfinished.parent, ignore_errors=True)


def kept(results: Path) -> Rows:
    """The predictions in an experiment's results; where they are not whole, those of the units that are done.

    Raises ValueError where units of several inputs are kept: they are of different experiments.
    """
    whole = results / "predictions.jsonl"
    if whole.exists():
        return read_predictions(whole)
    folders = sorted((results / "unfinished").glob("*"))
    if len(folders) > 1:
        raise ValueError(f"{results / 'unfinished'} holds units of {len(folders)} inputs: keep those that are current")
    return [row for folder in folders for file in sorted(folder.glob("*.jsonl")) for row in read_predictions(file)[1:]]


def exchange(first: Path, second: Path) -> None:
    """Copy the units that one of two folders has to the other, each file whole or not at all."""
    for here, there in ((first, second), (second, first)):
        for file in here.glob("*.jsonl"):
            if not (there / file.name).exists():
                there.mkdir(parents=True, exist_ok=True)
                part = there / f".{file.name}.{os.getpid()}"
                shutil.copyfile(file, part)
                part.replace(there / file.name)
