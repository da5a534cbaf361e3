"""Mutations of what pages show or follow from without being a page: data, printed outputs, a tool's times, workflows.

Data is planted where a contributor edits it, and its pages are written anew, so that nothing is out of date: what tells
of the mutation is then the register alone.
"""

import json
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import yaml

from scripts.pages import contrasts, decide, ledger, practice
from scripts.pages.data import BrokenData
from scripts.pages.generated import Generated
from scripts.paths import DOCS, ROOT, SNIPPETS, name_of
from scripts.register import book
from tests.programs import written
from tests.programs.runner import COMMAND, NUMBER, Declaration, declarations, tolerance
from tests.site.planted_text import IS, OPPOSITES, Mutation, told_anew
from tests.site.test_measure_yours import REPORTS, SAMPLES, not_in_the_results
from tests.unit.test_practice import BOXES, problem_of_waits
from tests.unit.test_workflows import problems_of_file

CLAIMS, RULES, PROMPTS, CONTRASTS = ledger.CLAIMS, decide.RULES, practice.PROMPTS, contrasts.CONTRASTS
SOURCES: dict[Path, tuple[ModuleType, str, Callable]] = {  # whose module reads it, under which name, by what
    CLAIMS: (ledger, "CLAIMS", ledger.claims),
    RULES: (decide, "RULES", decide.read),
    PROMPTS: (practice, "PROMPTS", practice.practice),
    CONTRASTS: (contrasts, "CONTRASTS", contrasts.contrasts),
}
WORKFLOWS = ROOT / ".github" / "workflows"
MAIN = " && github.ref == 'refs/heads/main'"
DEPLOY = "\n  publish:\n    steps:\n      - uses: actions/deploy-pages@v5\n"


def pages_from(source: Path) -> list[Generated]:
    """The pages that are generated from a source."""
    found = SOURCES[source][0].GENERATED
    return [one for one in (found if isinstance(found, list) else [found]) if one.target.suffix == ".md"]


@contextmanager
def reading(source: Path, text: str) -> Iterator[None]:
    """Until the block ends, what reads a source reads this text in its place."""
    module, name, reader = SOURCES[source]
    with TemporaryDirectory() as folder:
        planted = Path(folder, source.name)
        planted.write_text(text, encoding="utf-8")
        reader.cache_clear()
        setattr(module, name, planted)
        try:
            yield
        finally:
            setattr(module, name, source)
            reader.cache_clear()


def told_once_written(source: Path, text: str) -> list[str]:
    """What is told of data and of its pages, once these are written anew from it."""
    found = told_anew(source, text) if source in book.OTHERS else []
    with reading(source, text):
        try:
            return found + [line for one in pages_from(source) for line in told_anew(one.target, one.wanted())]
        except BrokenData as error:
            return [f"{book.name_of(source)}: {error}"]


@dataclass(frozen=True)
class PlantedElsewhere(Mutation):
    """A mutation of something else than a page, with what tells of it."""

    tell: Callable[[Path, str], list[str]]

    @property
    def names(self) -> tuple[str, ...]:
        """Its file, the program that printed it, or a page that is written from it."""
        pages = [one.name for one in pages_from(self.page)] if self.page in SOURCES else []
        program = [name_of(self.page.with_suffix(".py"))] if self.page.suffix == ".out" else []
        return (book.name_of(self.page), *program, *pages)

    def told(self) -> list[str]:
        """What is told of it, a line for each place."""
        return self.tell(self.page, self.text)


# Data. A change is made to what the file holds, and returns whether it found a place.


def edited(change: Callable[[Any, random.Random], bool]) -> Callable[[Path, str, random.Random], str | None]:
    """A change of what JSON holds, as a change of its text."""

    def edit(_: Path, text: str, rng: random.Random) -> str | None:
        data = json.loads(text)
        return json.dumps(data, ensure_ascii=False, indent=2) if change(data, rng) else None

    return edit


def turned(text: str, rng: random.Random) -> str | None:
    """A text that says the contrary: another direction, or not so."""
    pairs = [pair.replace("_", " ").split("/") for pair in OPPOSITES]
    words = {one: other for pair in pairs for one, other in (pair, pair[::-1])}
    found = list(re.finditer(rf"\b(?:{'|'.join([*words, IS])})\b", text))
    if not found:
        return None
    match = rng.choice(found)
    return text[: match.start()] + words.get(match[0], f"{match[0]} not") + text[match.end() :]


def exchange_verdicts(claims: list[dict], rng: random.Random) -> bool:
    """Two claims have each other's verdict."""
    one, other = rng.sample(claims, 2)
    one["verdict"], other["verdict"] = other["verdict"], one["verdict"]
    return one["verdict"] != other["verdict"]


def negate_claim(claims: list[dict], rng: random.Random) -> bool:
    """A claim says the contrary."""
    one = rng.choice(claims)
    said = turned(one["claim"], rng)
    one["claim"] = said or one["claim"]
    return bool(said)


def change_ledger(claims: list[dict], rng: random.Random) -> bool:
    """A published figure of the ledger is another."""
    one = rng.choice([one for claim in claims for one in claim.get("published", [])])
    digits = [place for place, letter in enumerate(one["value"]) if letter.isdigit()]
    if not digits:
        return False
    at = rng.choice(digits)
    one["value"] = one["value"][:at] + str((int(one["value"][at]) + 3) % 10) + one["value"][at + 1 :]
    return True


def exchange_shares(found: list[dict], rng: random.Random) -> bool:
    """The two systems of a published comparison have each other's score."""
    one = rng.choice([one for one in found if one["shares"]])
    one["shares"] = one["shares"][::-1]
    return one["shares"][0] != one["shares"][1]


def loosen_rule(data: dict, rng: random.Random) -> bool:
    """A rule asks for less: a question or an answer less strictly, a design fewer, or nothing to wait for."""
    rule = rng.choice(data["rules"])
    clause = rng.choice(rule["when"])
    question = rng.choice(list(clause))
    answers = next([one["id"] for one in asked["answers"]] for asked in data["questions"] if asked["id"] == question)
    left = [one for one in answers if one not in clause[question]]
    ways = [lambda: clause[question].append(rng.choice(left))] if left else []
    ways += [lambda: clause.pop(question)] if len(clause) > 1 else []
    ways += [rule["designs"].pop] if len(rule["designs"]) > 1 else []
    ways += [lambda: rule.update(kind="need")] if rule["kind"] == "bar" else []
    if not ways:
        return False
    rng.choice(ways)()
    return True


def loosen_advice(data: dict, rng: random.Random) -> bool:
    """What is advised beside the rules is advised to everybody, or says the contrary."""
    one = rng.choice([*data["against"], *data["experiments"], *data["conflicts"], *data["cheaper"]])
    said = turned(one["text"], rng)
    if rng.random() < 0.5 and one["when"] != [{}]:
        one["when"] = [{}] if one not in [*data["conflicts"], *data["cheaper"]] else one["when"][:-1] or one["when"]
        return one["when"] == [{}]
    one["text"] = said or one["text"]
    return bool(said)


def reverse_point(data: dict, rng: random.Random) -> bool:
    """A point of a rubric, or a phrasing that counts as having said it, says the contrary."""
    point = rng.choice(rng.choice([data["drill"], *data["prompts"]])["rubric"])
    place = rng.randrange(len(point["phrasings"]) + 1)
    if place == len(point["phrasings"]):
        said = turned(point["point"], rng)
        point["point"] = said or point["point"]
    else:
        said = turned(point["phrasings"][place], rng)
        point["phrasings"][place] = said or point["phrasings"][place]
    return bool(said)


def falsify_answer(run: dict, rng: random.Random) -> bool:
    """What a model answered in a recorded run becomes something else."""
    if not run["answers"]:
        return False
    one = rng.choice(run["answers"])
    said = turned(one["answer"], rng)
    one["answer"] = said or "You need 200 test items."
    return True


# What programs printed, what a tool waits, what is published.


def falsify(out: Path, text: str, rng: random.Random) -> str | None:
    """A line that may differ between machines says something else, within the tolerance: a figure, or an invention."""
    declared = declarations()[name_of(out.with_suffix(".py"))]
    lines = text.splitlines(keepends=True)
    places = [number for number, line in enumerate(lines) if line.strip() and not line.startswith(COMMAND)]
    number = rng.choice(places)
    line = falsified(lines[number], declared, rng)
    return "".join([*lines[:number], line, *lines[number + 1 :]]) if line else None


def falsified(line: str, declared: Declaration, rng: random.Random) -> str:
    """A line with another figure within its tolerance, or with other words of a model; empty where it has neither."""
    beginning = next((match[0] for one in declared.generated if (match := re.match(one, line))), "")
    said = line[len(beginning) :]
    if beginning and not re.search(r"\d", said):
        return f"{beginning}{rng.choice(['No.', 'You have 60 days.', 'I do not know.'])}\n"
    figures = [one for one in NUMBER.finditer(line, len(beginning)) if beginning or tolerance(one[0], declared)]
    if not figures:
        return ""
    figure = rng.choice(figures)
    step = 1 if "." not in figure[0] else 10 ** -len(figure[0].partition(".")[2])
    other = f"{float(figure[0]) + step:.{len(figure[0].partition('.')[2])}f}"
    return line[: figure.start()] + other + line[figure.end() :]


def told_of_output(out: Path, text: str) -> list[str]:
    """What is told of a printed output."""
    problem = written.problem(name_of(out.with_suffix(".py")), text)
    return [problem] if problem else []


def falsify_report(_: Path, text: str, rng: random.Random) -> str:
    """A rate that a sample case's report or decision shows is another."""
    match = rng.choice([*re.finditer(r"\b\d+(?=/\d+ = \d+%)", text)])
    return text[: match.start()] + str(int(match[0]) + rng.choice([2, 10])) + text[match.end() :]


def told_of_report(file: Path, text: str) -> list[str]:
    """What is told of what a sample case's measurement wrote."""
    return not_in_the_results(file.relative_to(REPORTS).as_posix(), text)


def wait_tenfold(_: Path, text: str, rng: random.Random) -> str:
    """A point waits ten times as long, or a tenth."""
    times = [*re.finditer(r"(?<![\w.])\d[\d_]*(?= \* |\b(?= // milliseconds))", text)]
    match = rng.choice(times)
    return text[: match.end()] + "0" + text[match.end() :]


def told_of_waits(_: Path, text: str) -> list[str]:
    """What is told of the times in the practice tool."""
    problem = problem_of_waits(text)
    return [problem] if problem else []


def deploy_more(file: Path, text: str, rng: random.Random) -> str:
    """A workflow deploys from another branch than main, from a fork or from a pull request."""
    if file.name != "ci.yml":
        return text + DEPLOY
    head, condition, rest = text.rpartition("    if: ${{ github.event_name")
    looser = [("github.event_name != 'pull_request' && ", ""), (MAIN, ""), (" && !github.event.repository.fork", "")]
    looser += [("refs/heads/main", "refs/heads/feature"), (MAIN, MAIN.replace("==", "!=")), (" && ", " || ")]
    ways = [head + (condition + rest).replace(*change, 1) for change in looser[1:]]
    ways += [text.replace("branches: [main]", "branches: ['**']"), text.replace(MAIN, "", 1)]
    return rng.choice(ways)


def told_of_workflow(file: Path, text: str) -> list[str]:
    """What is told of a workflow."""
    return problems_of_file(file.stem, yaml.safe_load(text))


TOLERANT = [
    SNIPPETS / name.replace(".py", ".out")
    for name, one in declarations().items()
    if one.generated or one.whole or one.decimal
]
OUTPUTS = [out for out in TOLERANT if out.exists()]
RECORDED = sorted((DOCS / "assets" / "tools" / "ask" / "recorded").glob("*.json"))
WITH = {  # kind: how, how many, in which files, what tells of it
    "verdicts of two claims exchanged in the data": (edited(exchange_verdicts), 3, [CLAIMS], told_once_written),
    "claim negated in the data": (edited(negate_claim), 4, [CLAIMS], told_once_written),
    "figure of the ledger changed in the data": (edited(change_ledger), 3, [CLAIMS], told_once_written),
    "scores of two systems exchanged in the data": (edited(exchange_shares), 3, [CONTRASTS], told_once_written),
    "rule loosened in the data": (edited(loosen_rule), 5, [RULES], told_once_written),
    "advice loosened or reversed in the data": (edited(loosen_advice), 3, [RULES], told_once_written),
    "rubric point reversed in the data": (edited(reverse_point), 4, [PROMPTS], told_once_written),
    "printed output falsified within its tolerance": (falsify, 8, OUTPUTS, told_of_output),
    "recorded answer falsified": (edited(falsify_answer), 2, RECORDED, told_anew),
    "rate in a sample's report falsified": (falsify_report, 3, [REPORTS / one for one in SAMPLES], told_of_report),
    "waiting time changed tenfold": (wait_tenfold, 2, [BOXES], told_of_waits),
    "workflow deploys from elsewhere": (deploy_more, 4, sorted(WORKFLOWS.glob("*.yml")), told_of_workflow),
}  # fmt: skip


def mutations(seed: int) -> Iterator[PlantedElsewhere]:
    """The mutations of a seed, in the order of their kinds."""
    rng = random.Random(seed)
    for kind, (change, count, files, tell) in WITH.items():
        planted, tries = 0, 0
        while planted < count and tries < 400:
            tries += 1
            file = rng.choice(files)
            text = file.read_text(encoding="utf-8")
            spoilt = change(file, text, rng)
            if spoilt and spoilt != text:
                planted += 1
                yield PlantedElsewhere(kind, file, spoilt, tell)
