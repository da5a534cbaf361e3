"""Run experiments from nothing, or go on where they stopped: `python experiments/run.py [name ...]`."""

import argparse
import importlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from kit import provenance, rows
from kit.environment import use_local_models
from kit.models import MODELS, QWEN2, SMOLLM2, for_model
from kit.paths import ROOT, all_experiments, folder_of, published, results_of
from kit.work import Work

MODELS_MISSING = "No models here yet: run `make models` first."


def write_report(name: str, folder: Path, predictions: rows.Rows) -> None:
    """Compute the metrics from the predictions and write them, and the tables and plots made of them.

    Stops with a sentence where the report reads results of another experiment that it does not declare.
    """
    report = importlib.import_module(f"{name}.report")
    rows.RESULTS_READ.clear()
    metrics = report.measure(predictions)
    if undeclared := rows.RESULTS_READ - {name, *getattr(report, "READS", ())}:
        named = ", ".join(sorted(undeclared))
        sys.exit(
            f"{name}/report.py reads results of {named}, not in its READS: nobody would know that it rests on them."
        )
    (folder / "metrics.json").write_text(json.dumps(metrics, indent=1) + "\n", encoding="utf-8")
    for file, text in report.fragments(metrics).items():
        (folder / file).write_text(text, encoding="utf-8")


def make_predictions(name: str, experiment, settings, **how) -> Work:
    """Make the predictions of an experiment; stop with a sentence where it reads what it does not declare."""
    work = Work(name, provenance.inputs_of(experiment, settings), **how)
    rows.READ.clear()
    experiment.predict(work, settings)
    if undeclared := rows.READ - set(experiment.DATA):
        paths = ", ".join(sorted(file.relative_to(ROOT).as_posix() for file in undeclared))
        sys.exit(f"{name} reads {paths}, which is not in its DATA: without it a change there would go unseen.")
    return work


def run(name: str, tiny: bool, model: str, results: Path) -> None:
    """Run one experiment and write its results."""
    experiment = provenance.module_of(name)
    settings = for_model(experiment.TINY if tiny else experiment.SETTINGS, model)
    work = make_predictions(name, experiment, settings, results=results)
    results.mkdir(parents=True, exist_ok=True)
    rows.write_rows(results / "predictions.jsonl", work.rows)
    write_report(name, results, work.rows)
    made = provenance.provenance(work, f"make experiments only={name}{' larger=1' * (model == QWEN2.key)}")
    (results / "provenance.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    work.whole()
    print(f"{name}: {len(work.rows)} predictions, {work.seconds / 60:.0f} minutes of work")


def run_slice(name: str, model: str, results: Path) -> None:
    """Run a few items of an experiment again, the rest as it was published, and write the predictions made now."""
    experiment = provenance.module_of(name)
    before = rows.read_predictions(results_of(name, model) / "predictions.jsonl")
    settings = for_model(experiment.SLICE, model)
    work = make_predictions(name, experiment, settings, published=before, only=experiment.SLICE_UNITS)
    results.mkdir(parents=True, exist_ok=True)
    rows.write_rows(results / "predictions.jsonl", work.rows)


def seconds_of(name: str, model: str) -> float:
    """About how long an experiment takes, from when it was published: with this model, or else with the small one."""
    for key, times in ((model, 1.0), (SMOLLM2.key, MODELS[model].times_slower)):
        file = results_of(name, key) / "provenance.json"
        if file.exists():
            return times * json.loads(file.read_text(encoding="utf-8"))["seconds"]
    return 0.0


def is_whole(name: str, model: str) -> bool:
    """Whether an experiment's results with this model stand beside its code, and nothing they depend on has changed."""
    experiment = provenance.module_of(name)
    inputs = provenance.inputs_of(experiment, for_model(experiment.SETTINGS, model))
    return provenance.inputs_in(results_of(name, model)) == inputs


def done_so_far(name: str, model: str, results: Path) -> Work:
    """The units of an experiment that are done, put where they can be committed; nothing is computed."""
    experiment = provenance.module_of(name)
    inputs = provenance.inputs_of(experiment, for_model(experiment.SETTINGS, model))
    return Work(name, inputs, results=results)


def say_what_is_left(names: list[str], model: str, folders: dict[str, Path]) -> None:
    """A line for each experiment: what is done of it, and about how long what is left will take."""
    whole = 0.0
    for name in names:
        costs, expected = done_so_far(name, model, folders[name]).costs(), seconds_of(name, model)
        left = max(0.0, expected - sum(costs))
        whole += left
        if left:
            said = f"about {left / 3600:.1f} hours of one core are left"
        else:
            said = "what is left takes longer than was expected" if expected else "nobody knows how long it takes"
        print(f"{name}: {len(costs)} units are done; {said}", flush=True)
    print(f"{model}: about {whole / 3600:.1f} hours of one core are left, or {whole / 7200:.1f} of two", flush=True)


def side_by_side(names: list[str], jobs: int, model: str, more: list[str]) -> None:
    """Several experiments at a time, the longest first, each in a process of its own on one thread.

    Two of them on two cores do a quarter more than one after the other on two threads.
    """

    def start(name: str) -> int:
        command = [sys.executable, __file__, name, *more]
        return subprocess.run(command, env=os.environ | {"OMP_NUM_THREADS": "1"}, check=False).returncode

    ordered = sorted(names, key=lambda name: (-seconds_of(name, model), name))
    with ThreadPoolExecutor(jobs) as pool:
        codes = dict(zip(ordered, pool.map(start, ordered), strict=True))
    if failed := [name for name, code in codes.items() if code]:
        sys.exit(f"Not finished: {', '.join(failed)}. Run them again by name; what was done is kept.")


def arguments() -> argparse.Namespace:
    """What the command line asks for; a sentence where it cannot be done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"some of: {', '.join(all_experiments())}")
    parser.add_argument("--tiny", action="store_true", help="a handful of items, to try the code")
    parser.add_argument("--slice", action="store_true", help="a few of the published predictions made again")
    parser.add_argument("--report", action="store_true", help="only write tables and plots again from the predictions")
    parser.add_argument("--results", type=Path, help="write below this folder, not beside each experiment")
    parser.add_argument("--left", action="store_true", help="only say what is left, and keep what is done for a commit")
    parser.add_argument("--jobs", type=int, default=2, help="how many side by side (2), each with 4 GB, or 9 (larger)")
    parser.add_argument("--model", default=SMOLLM2.key, help=f"one of: {', '.join(MODELS)} ({SMOLLM2.key})")
    parser.add_argument("--larger", dest="model", action="store_const", const=QWEN2.key, help=f"--model {QWEN2.key}")
    given = parser.parse_args()
    if unknown := set(given.names) - set(all_experiments()):
        sys.exit(f"There is no experiment {sorted(unknown)[0]!r}. There are: {', '.join(all_experiments())}.")
    if given.model not in MODELS:
        sys.exit(f"There is no model {given.model!r}. There are: {', '.join(MODELS)}.")
    if (given.tiny or given.slice) and not given.results:
        sys.exit("A trial run would overwrite the results: say where to write with --results.")
    if not (ROOT / ".cache" / "models.lock").exists() and not given.report:
        sys.exit(MODELS_MISSING)
    return given


def main() -> None:
    """Do what the command line asks for."""
    given = arguments()
    use_local_models()
    if given.tiny or given.slice:  # what a trial leaves is no part of the experiment, and another trial starts anew
        os.environ["EXPERIMENT_CACHE"] = str(given.results.resolve() / "cache")
    names = given.names or (published() if given.report or given.slice else all_experiments())
    if not given.names and given.model != SMOLLM2.key and not given.tiny:  # hours each: what is whole is left alone
        names = [name for name in names if is_whole(name, given.model) == (given.report or given.slice)]
    folders = {
        name: given.results / name / folder_of(given.model) if given.results else results_of(name, given.model)
        for name in names
    }
    if not (given.tiny or given.slice or given.report):
        say_what_is_left(names, given.model, folders)
        if given.left:
            return
    if given.jobs > 1 and len(names) > 1 and not given.report:
        more = ["--tiny"] * given.tiny + ["--slice"] * given.slice + ["--model", given.model]
        more += ["--results", str(given.results)] if given.results else []
        side_by_side(names, given.jobs, given.model, more)
        return
    for name, folder in folders.items():
        if given.report:
            write_report(name, folder, rows.read_predictions(folder / "predictions.jsonl"))
        elif given.slice:
            run_slice(name, given.model, folder)
        else:
            run(name, given.tiny, given.model, folder)


if __name__ == "__main__":
    main()
