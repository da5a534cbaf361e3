"""The claims ledger: claims.json is the truth, and the part of its page that lists the claims is made from it."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

from scripts.markdown import INCLUDE, all_pages
from scripts.pages import data
from scripts.pages.generated import Generated
from scripts.paths import DOCS, ROOT, address_of, source_of

CLAIMS = DOCS / "evidence" / "claims.json"
PAGE = DOCS / "evidence" / "claims.md"
PAPERS = DOCS / "evidence" / "papers.md"

# What a verdict may be, and what it promises the reader.
VERDICTS = {
    "supported": "measured here on a test set, figures below, and it held",
    "contradicted": "measured here, and it did not hold",
    "mixed": "measured here: it held in part, or within limits that the note names",
    "too small to say": "measured here, and the items are too few to tell",
    "example here": "a program shows it happen; no rate is claimed",
    "arithmetic here": "recomputed from published or stated figures",
    "published": "not measured here; the works named support it",
    "disputed": "published results disagree, or the claim holds only within limits",
    "not yet measured": "measurable, and no measurement of ours stands behind it",
    "definition": "what a word means",
    "judgement": "our opinion, open to argument",
}
KINDS = ("measurable", "judgement", "definition")
MEASURED = ("supported", "contradicted", "mixed", "too small to say")
# A figure in digits or in words. "One" is left out: it is seldom a figure.
FIGURE = re.compile(
    r"\d+(?:[.,]\d+)*|\.\d+|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half|third|quarter)\b"
)


SCHEMA = data.many(
    data.record(
        {
            "id": data.CLAIM_ID,
            "kind": {"enum": list(KINDS)},
            "claim": data.TEXT,
            "page": data.PAGE,  # that carries the claim
            "here": data.many(data.PROGRAM, least=0),  # what shows or measures it
            "papers": data.many(data.ID, least=0),  # by their anchors in papers.md
            "verdict": {"enum": list(VERDICTS)},
            "note": {"type": "string"},  # what the verdict rests on; may be empty
        },
        {
            # Ours, each with the file that holds its value to the letter; then those of others.
            "figures": data.many(data.record({"of": data.TEXT, "value": data.TEXT, "from": data.TEXT})),
            "published": data.many(data.record({"of": data.TEXT, "value": data.TEXT, "paper": data.ID})),
        },
    )
)


@cache
def claims() -> list[dict]:
    """All claims in order, as claims.json holds them. Raises BrokenData where one is not as it should be."""
    return data.read(CLAIMS, SCHEMA, problems_of)


def problems_of(found: list[dict]) -> list[str]:
    """What no schema can say of the claims: numbers that follow each other, and what they name is there."""
    problems = []
    for number, claim in enumerate(found, 1):
        name = claim["id"]
        if name != f"C{number}":
            problems.append(f"entry {number}: `id` is {name}: write C{number}, for claims are numbered in order")
        if problem := data.page_problem(claim["page"]):
            problems.append(f"{name}: `page`: {problem}")
        problems += [f"{name}: `here`: {problem}" for one in claim["here"] if (problem := data.program_problem(one))]
        cited = [*claim["papers"], *(one["paper"] for one in claim.get("published", []))]
        unknown = data.strangers(cited, papers(), "work in papers.md called")
        problems += [f"{name}: `papers`: {problem}" for problem in unknown]
        files = {one["from"]: file_of(one["from"]) for one in claim.get("figures", [])}
        problems += [f"{name}: `from`: there is no {data.shown(file)}" for file in files.values() if not file.exists()]
    return problems


def file_of(name: str) -> Path:
    """The file that a figure is taken from: a lab, an experiment's result, or what a program printed."""
    return DOCS / name if name.endswith(".ipynb") else source_of(name)


@cache
def papers() -> dict[str, str]:
    """What the bibliography calls each work, by its anchor."""
    text = PAPERS.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+?) \{ ?#([\w-]+) ?\}$", text, re.MULTILINE)
    return {key: name for name, key in headings} | {key: key for key in re.findall(r'id="([\w-]+)"', text)}


def link_to_program(name: str) -> str:
    """A Markdown link to a program where its page shows it."""
    parts = name.split("/")
    label = f"experiment: {parts[1]}" if parts[0] == "experiments" else parts[-1]
    return f"[`{label}`](../{address_of(name)})"


def link_to_paper(key: str) -> str:
    """A Markdown link to a paper's entry in the bibliography."""
    return f"[{papers()[key]}](papers.md#{key})"


def list_figures(claim: dict) -> list[str]:
    """A claim's own figures, then the published ones; named as ours only where there are both."""
    ours, published = claim.get("figures", []), claim.get("published", [])
    lines = ["", "Ours:"] if ours and published else []
    for figure in ours:
        lines += ["", f"- {figure['of']}: {figure['value']}"]
    lines += ["", "Published:"] if published else []
    for figure in published:
        lines += ["", f"- {figure['of']}: {figure['value']} ({link_to_paper(figure['paper'])})"]
    return lines


def render() -> str:
    """The generated part of the page: a count by verdict, then each claim."""
    counts = Counter(claim["verdict"] for claim in claims())
    lines = ["| Verdict | Claims | What it promises |", "|---|---|---|"]
    lines += [f"| {verdict} | {counts[verdict]} | {promise} |" for verdict, promise in VERDICTS.items()]
    lines += [f"| together | {counts.total()} | |", "", "## The claims"]
    for claim in claims():
        number, page = claim["id"].lower(), claim["page"]
        lines += ["", f"### {claim['id']}: {claim['verdict']} {{ #{number} }}", "", f"**{claim['claim']}**"]
        if claim["note"]:
            lines += ["", claim["note"]]
        lines += list_figures(claim)
        parts = [f"[On its page](../{page}#{number})"]
        if claim["here"]:
            parts.append("Run it: " + ", ".join(map(link_to_program, claim["here"])))
        if claim["papers"]:
            parts.append("Literature: " + "; ".join(map(link_to_paper, claim["papers"])))
        lines += ["", " · ".join(parts)]
    return "\n".join(lines)


def unfounded_figures() -> list[str]:
    """Figures of the ledger that the file they name does not hold, to the letter."""
    return [
        f"{claim['id']}: {figure['value']!r} is not in {file.relative_to(ROOT)}"
        for claim in claims()
        for figure in claim.get("figures", [])
        for file in [file_of(figure["from"])]
        if figure["value"] not in file.read_text(encoding="utf-8")
    ]


def told_of(key: str) -> str:
    """What the guide says of a paper: its entry, the lines that link to it, and recomputed tables beside these."""
    entry = re.search(
        rf"^### [^\n]+\{{ ?#{re.escape(key)} ?\}}$.*?(?=^##|\Z)", PAPERS.read_text(encoding="utf-8"), re.M | re.S
    )
    told = [entry[0]] if entry else []
    for page in all_pages():
        text = page.read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if f"papers.md#{key})" in line]
        if page == PAGE or not lines:
            continue
        recomputed = [name for name in INCLUDE.findall(text) if name.endswith("/recompute_published_results.out")]
        told += lines + [source_of(name).read_text(encoding="utf-8") for name in recomputed]
    return "\n".join(told)


def unfounded_published() -> list[str]:
    """Published figures of the ledger that stand neither in the paper's entry nor where a page cites the paper."""
    return [
        f"{claim['id']}: {figure!r} is nowhere said of {one['paper']}"
        for claim in claims()
        for one in claim.get("published", [])
        for told in [FIGURE.findall(told_of(one["paper"]).lower())]
        for figure in FIGURE.findall(f"{one['of']} {one['value']}".lower())
        if figure not in told
    ]


GENERATED = Generated(PAGE, data.shown(CLAIMS), render)
