"""The claims ledger: claims.json is the truth, and the part of its page that lists the claims is made from it.

`python -m scripts.pages.ledger` writes the page's part again.
"""

import json
import re
from collections import Counter

from scripts.markdown import INCLUDE, all_pages
from scripts.paths import DOCS, ROOT, address_of, source_of

CLAIMS = DOCS / "evidence" / "claims.json"
PAGE = DOCS / "evidence" / "claims.md"
PAPERS = DOCS / "evidence" / "papers.md"
START, END = "<!-- made from claims.json: start -->", "<!-- made from claims.json: end -->"

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
MEASURED = ("supported", "contradicted", "mixed", "too small to say")
# A figure in digits or in words. "One" is left out: it is seldom a figure.
FIGURE = re.compile(
    r"\d+(?:[.,]\d+)*|\.\d+|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half|third|quarter)\b"
)


def claims() -> list[dict]:
    """All claims in order, as claims.json holds them."""
    return json.loads(CLAIMS.read_text(encoding="utf-8"))


def link_to_program(name: str) -> str:
    """A Markdown link to a program where its page shows it."""
    parts = name.split("/")
    label = f"experiment: {parts[1]}" if parts[0] == "experiments" else parts[-1]
    return f"[`{label}`](../{address_of(name)})"


def name_of_paper(key: str) -> str:
    """What the bibliography calls a paper: the heading that carries this key."""
    found = re.search(rf"^#+ (.+?) \{{ ?#{re.escape(key)} ?\}}$", PAPERS.read_text(encoding="utf-8"), re.M)
    return found[1] if found else key


def link_to_paper(key: str) -> str:
    """A Markdown link to a paper's entry in the bibliography."""
    return f"[{name_of_paper(key)}](papers.md#{key})"


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
    lines += ["", "## The forty claims"]
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


def page_with(part: str) -> str:
    """The whole page with its generated part replaced."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(START)
    return f"{before}{START}\n\n{part}\n\n{END}{rest.split(END)[1]}"


def unfounded_figures() -> list[str]:
    """Figures of the ledger that the file they name does not hold, to the letter."""
    return [
        f"{claim['id']}: {figure['value']!r} is not in {file.relative_to(ROOT)}"
        for claim in claims()
        for figure in claim.get("figures", [])
        for file in [DOCS / figure["from"] if figure["from"].endswith(".ipynb") else source_of(figure["from"])]
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


def missing_programs() -> list[str]:
    """Programs the ledger names that are not there."""
    return [name for claim in claims() for name in claim["here"] if not source_of(name).exists()]


if __name__ == "__main__":
    PAGE.write_text(page_with(render()), encoding="utf-8")
