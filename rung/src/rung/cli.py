"""The command line: rung init, rung measure, rung ask, rung compare."""

import os
import shutil
import sys
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from rung import __version__
from rung.errors import RungError, typed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rung.case import Case, Finding
    from rung.measure import Results
    from rung.progress import StageProgress
    from rung.statistics import Rate

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Prompt, retrieve or tune? Measures it on your own documents, questions and model, and says where to stop.",
)
console = Console()
errors = Console(stderr=True)  # beside the results: notes, progress, refusals
SHOWN = 10  # passages that `rung ask` prints
NAMED = 50  # items that `rung compare` names of each system
Folder = Annotated[Path, typer.Argument(help="The case's folder.")]


@app.callback(invoke_without_command=True)
def version(show: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False) -> None:
    """Print the version."""
    if show:
        console.print(__version__)
        raise typer.Exit


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="A folder to make.")],
    kind: Annotated[str, typer.Option(help="answer (questions from documents) or label (texts).")] = "answer",
) -> None:
    """Make a folder with a small sample case; then replace its files by your own."""
    if kind not in ("answer", "label"):
        raise RungError(f'--kind is answer or label, not "{kind}".')
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RungError(f"{folder} is there already and not empty: name another folder.")
    with resources.as_file(resources.files("rung") / "sample" / kind) as sample:
        shutil.copytree(sample, folder, dirs_exist_ok=True)
    console.print(f"Made {folder}. Now: rung measure {typed(folder)}", markup=False, highlight=False, soft_wrap=True)


@app.command()
def measure(
    folder: Folder,
    model: Annotated[str, typer.Option(help="A Hugging Face model or folder, or the endpoint's model.")] = "",
    endpoint: Annotated[
        str, typer.Option(help="An OpenAI-compatible address, such as http://localhost:11434/v1.")
    ] = "",
    tune: Annotated[bool, typer.Option("--tune", help="Fine-tune the local model too (LoRA): takes longer.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Send to another machine without asking first.")] = False,
) -> None:
    """Measure a case: each rung's best arm, paired on the test items, and a verdict. Goes on where it stopped."""
    from dataclasses import replace

    from rung.case import read_case
    from rung.locks import alone

    case = read_case(folder)
    if model and Path(model).is_dir():
        model = str(Path(model).absolute())  # typed here, while one in case.toml is below the case
    named: dict[str, Any] = {key: value for key, value in (("name", model), ("endpoint", endpoint)) if value}
    tuning = replace(case.settings.tune, on=tune or case.settings.tune.on)
    case.settings = replace(case.settings, model=replace(case.settings.model, **named), tune=tuning)
    with alone(folder / ".rung"):
        _measure(case, yes)


def _measure(case: "Case", yes: bool) -> None:
    """Measure a case, print what was found and the verdict, and write the report."""
    from rung.endpoint import most_tokens
    from rung.measure import Measurement, write
    from rung.models import needed
    from rung.report import write_report

    shown = 0
    with bars() as (progress, bar):

        def confirm(requests: int, tokens: int) -> bool:
            """Ask before anything leaves the machine."""
            asked = case.settings.model
            labels = case.settings.kind == "label" and not case.free_output
            most = requests * most_tokens(asked.max_new_tokens, labels, bool(case.settings.format.pattern))
            price = (tokens * asked.input_price + most * asked.output_price) / 1_000_000
            cost = f", for at most about {price:.2f} in your prices" if price else ""
            sent = f"At most {requests} prompts, about {tokens:,} tokens, would go to {asked.endpoint}"
            errors.print(f"{sent}, and at most {most:,} tokens come back{cost}.", markup=False, highlight=False)
            if not (yes or sys.stdin.isatty()):
                errors.print("There is no terminal to answer at: --yes sends them unasked.", highlight=False)
            bar.stop()  # it would be drawn over the question
            agreed = yes or typer.confirm("Send them?", err=True)
            bar.start()
            return agreed

        def tell(words: str) -> None:
            """What long work will take, before it begins."""
            errors.print(words, markup=False, highlight=False)

        def tell_findings() -> None:
            """What was found in the case, each once."""
            nonlocal shown
            for finding in case.findings[shown:]:
                _tell(finding)
            shown = len(case.findings)

        measurement = Measurement(case, progress=progress, confirm=confirm, tell=tell)
        measurement.before_asking = tell_findings
        tell_findings()
        alone = case.settings.kind == "answer" and not measurement.has_model
        searches, passages = measurement.searched() if alone else ({}, 0)
        results = None if alone else measurement.run()
    tell_findings()
    if results is None:
        _print_searches(searches, passages, needed())
        return
    write(results)
    paths = write_report(results)
    _print_results(results)
    console.print(f"Read {', '.join(str(path) for path in paths)}.", markup=False, highlight=False)


@app.command()
def ask(folder: Folder, question: Annotated[str, typer.Argument(help="What to answer, or the text to label.")]) -> None:
    """Answer with the very settings that were measured, and print the sources in full."""
    from rung.ask import Answerer

    if not question.strip():
        raise RungError("There is no question: put it in quotes after the folder.")
    with bars() as (progress, _):
        answerer = Answerer(folder, progress)
        reply = answerer.answer(question.strip())
    for note in (answerer.measured, *answerer.notes):
        errors.print(note, markup=False, highlight=False)
    console.print(reply.text, markup=False, highlight=False)
    for number, passage in enumerate(reply.sources[:SHOWN], 1):
        console.print(f"\n[{number}] {passage.place}\n{passage.text}", markup=False, highlight=False)
    if len(reply.sources) > SHOWN:
        more = f"{len(reply.sources) - SHOWN} more passages were read"
        console.print(f"\nThese are the first {SHOWN}; {more}.", markup=False, highlight=False)


@app.command()
def compare(
    one: Annotated[Path, typer.Argument(help="Predictions, .jsonl or .csv: one a row, with item and right.")],
    other: Annotated[Path, typer.Argument(help="Another system's, of the same items; or the same file.")],
    margin: Annotated[float, typer.Option(help="Points by which the first may be worse.")] = 5.0,
    first: Annotated[str, typer.Option(help="The rung or arm to take, where the first file holds several.")] = "",
    second: Annotated[str, typer.Option(help="The same of the second file.")] = "",
) -> None:
    """Compare the predictions of any two systems, item by item.

    Of a predictions.jsonl that `rung measure` wrote, it takes the arm that answers, where none is named.
    """
    from rung.comparison import compared, systems
    from rung.statistics import noninferiority, paired_difference
    from rung.verdict import judge

    if not 0 < margin < 50:
        raise RungError(f"--margin is in points, above 0 and below 50, not {margin:g}.")
    pair = systems(one, other, (first, second))
    names = [system.name for system in pair]
    result, won, lost = compared(*pair)
    between = paired_difference(result.won, result.lost, result.n)
    points = [100 * value for value in (between.estimate, between.low, between.high)]
    not_worse = noninferiority(result.won, result.lost, result.n, margin / 100)
    hits = [[system.right[item] for item in pair[0].right] for system in pair]
    said = [f"{name}: {sum(right)} of {result.n} right." for name, right in zip(names, hits, strict=True)]
    said += [
        f"Only {names[0]} right on {result.won}, only {names[1]} on {result.lost} (p = {result.p:.3g}).",
        f"The first minus the second: {points[0]:+.1f} points, 95% interval {points[1]:+.1f} to {points[2]:+.1f}.",
        f"That the first is not worse by {margin:g} points: p = {not_worse:.3g}.",
        judge(list(zip(names, hits, strict=True)), margin / 100).sentence,
    ]
    console.print("\n".join(said), markup=False, highlight=False)
    for name, items in zip(names, (won, lost), strict=True):
        if items:
            more = f" and {len(items) - NAMED} more" if len(items) > NAMED else ""
            console.print(f"Only {name}: {', '.join(items[:NAMED])}{more}", markup=False, highlight=False)


@contextmanager
def bars() -> "Iterator[tuple[StageProgress, Progress]]":
    """A progress bar for whatever is being done, on standard error: what moves it, and the bar."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task("Reading", total=None)
        last = ""

        def progress(what: str, done: int, of: int) -> None:
            """Show what is being done."""
            nonlocal last
            if what != last:
                bar.reset(task)
                last = what
            bar.update(task, description=escape(what), completed=done, total=of or None)

        try:
            yield progress, bar
        except KeyboardInterrupt as problem:
            message = "Stopped. What was answered is kept: run the same command again, and it goes on from there."
            raise RungError(message) from problem


def _tell(finding: "Finding") -> None:
    """One finding, on standard error."""
    errors.print(f"{finding.level}: {finding.where}: {finding.what}", markup=False, highlight=False)


def _print_searches(searches: "dict[str, dict[int, Rate]]", passages: int, needs: str) -> None:
    """What each search finds, of a case whose answers cannot be measured, and why they cannot."""
    depths = list(next(iter(searches.values()), {}))
    table = Table("Search", *(f"First {depth}" for depth in depths), box=None)
    for method, rates in searches.items():
        table.add_row(method, *(f"{one.hits}/{one.n} = {one.share:.0%}" for one in rates.values()))
    console.print(table)
    console.print(f"So many test questions have an accepted answer in the first passages, of {passages}.")
    console.print(f"Answers were not measured. {needs}", markup=False, highlight=False)


def _print_results(results: "Results") -> None:
    """A table of the rungs, and the verdict."""
    table = Table("Rung", "Arm", "Correct", "95%", box=None)
    for rung, one in [*results.chosen.items(), *([("(ceiling)", results.ceiling)] if results.ceiling else [])]:
        rate = one.rate
        share, interval = f"{rate.hits}/{rate.n} = {rate.share:.0%}", f"{rate.low:.0%} to {rate.high:.0%}"
        table.add_row(rung, escape(one.arm.name), share, interval)
    console.print(table)
    console.print(results.verdict.sentence, markup=False, highlight=False)
    console.print(results.fix_first, markup=False, highlight=False)


def main() -> None:
    """Run the command; faults that the user can fix are one sentence on standard error."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")  # Chroma's
    try:
        app()
    except RungError as problem:
        errors.print(str(problem), markup=False, highlight=False)
        sys.exit(1)
    except OSError as problem:
        errors.print(os_sentence(problem), markup=False, highlight=False)
        sys.exit(1)


def os_sentence(problem: OSError) -> str:
    """What the system refused, of which file where it is told, and what to do."""
    cause = problem.strerror or str(problem) or type(problem).__name__
    place = f"{problem.filename}: " if problem.filename else ""
    return f"{place}{cause}. What was done before is kept: when this is fixed, run the same command again."


if __name__ == "__main__":
    main()
