"""Run experiments from nothing, or go on where they stopped: `python experiments/run.py [name ...]`."""

import argparse
import importlib
import json
import os
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from kit import evidence
from kit.places import ROOT, all_experiments, published, results_of

# What goes on from models that another experiment has tuned: it waits for them, or tunes them itself.
GOES_ON_FROM = {"hybrid": "knowledge"}
MODELS_MISSING = "No models here yet: run `make models` first."


def write_report(name: str, folder: Path, rows: list[dict]) -> None:
    """Compute the metrics from the predictions and write them, and the tables and plots made of them."""
    report = importlib.import_module(f"{name}.report")
    metrics = report.measure(rows)
    (folder / "metrics.json").write_text(json.dumps(metrics, indent=1) + "\n", encoding="utf-8")
    for file, text in report.fragments(metrics).items():
        (folder / file).write_text(text, encoding="utf-8")


def run(name: str, tiny: bool, results: Path) -> None:
    """Run one experiment and write its results."""
    experiment = importlib.import_module(f"{name}.experiment")
    work = evidence.Work(name, tiny)
    experiment.predict(work)
    results.mkdir(parents=True, exist_ok=True)
    evidence.write_rows(results / "predictions.jsonl", work.rows)
    write_report(name, results, work.rows)
    made = evidence.provenance(work, experiment.SEEDS, f"make experiments only={name}")
    (results / "provenance.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    print(f"{name}: {len(work.rows)} predictions, {work.seconds / 60:.0f} minutes of work")


def seconds_of(name: str) -> float:
    """How long an experiment took when it was published; nothing where it was not."""
    return provenance_of(name)["seconds"] if name in published() else 0.0


def provenance_of(name: str) -> dict:
    """What made an experiment's published results."""
    return json.loads((results_of(name) / "provenance.json").read_text(encoding="utf-8"))


def in_order(names: list[str]) -> list[str]:
    """What others go on from, then the long ones first, then what goes on from others."""
    return sorted(
        names, key=lambda name: (name in GOES_ON_FROM, name not in GOES_ON_FROM.values(), -seconds_of(name), name)
    )


def side_by_side(names: list[str], jobs: int, more: list[str]) -> None:
    """Several experiments at a time, each in a process of its own on one thread.

    Two of them on two cores do a quarter more than one after the other on two threads.
    """
    begun: dict[str, Future] = {}

    def start(name: str) -> int:
        if (before := GOES_ON_FROM.get(name)) in begun:
            begun[before].result()
        command = [sys.executable, __file__, name, *more]
        return subprocess.run(command, env=os.environ | {"OMP_NUM_THREADS": "1"}, check=False).returncode

    with ThreadPoolExecutor(jobs) as pool:
        for name in in_order(names):
            begun[name] = pool.submit(start, name)
    if failed := [name for name, future in begun.items() if future.result()]:
        sys.exit(f"Not finished: {', '.join(failed)}. Run them again by name; what was done is kept.")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"some of: {', '.join(all_experiments())}")
    parser.add_argument("--tiny", action="store_true", help="a handful of items, to try the code")
    parser.add_argument("--report", action="store_true", help="only write tables and plots again from the predictions")
    parser.add_argument("--results", type=Path, help="write below this folder, not beside each experiment")
    parser.add_argument("--jobs", type=int, default=2, help="how many side by side (2), each with up to 4 GB")
    given = parser.parse_args()
    if unknown := set(given.names) - set(all_experiments()):
        sys.exit(f"There is no experiment {sorted(unknown)[0]!r}. There are: {', '.join(all_experiments())}.")
    if given.tiny and not given.results:
        sys.exit("A tiny run would overwrite the results: say where to write with --results.")
    if not (ROOT / ".cache" / "models.lock").exists() and not given.report:
        sys.exit(MODELS_MISSING)
    evidence.use_local_models()
    names = given.names or (published() if given.report else all_experiments())
    if given.jobs > 1 and len(names) > 1 and not given.report:
        more = ["--tiny"] * given.tiny + (["--results", str(given.results)] if given.results else [])
        side_by_side(names, given.jobs, more)
        return
    for name in names:
        folder = (given.results / name) if given.results else results_of(name)
        if given.report:
            write_report(name, folder, evidence.read_rows(folder / "predictions.jsonl"))
        else:
            run(name, given.tiny, folder)


if __name__ == "__main__":
    main()
