"""Write the pool that readers judge: `python -m scripts.search.pool site pool.jsonl`, after `make record only=search`.

For every question it holds the first three sections of every search, and those that the author named, in an order drawn
by chance and without a word of who found what (Spärck Jones and van Rijsbergen, 1975; Voorhees, 2002).
"""

import argparse
import json
import random
from pathlib import Path

from rung.files import read_lines

from scripts.search.measure import EARLIER, FOUND, QUESTIONS, SHOWN, read_sections

LONGEST = 900  # letters of a section that a reader gets
SEED = 17


def opening(text: str) -> str:
    """The beginning of a text, cut between words."""
    if len(text) <= LONGEST:
        return text
    return text[: LONGEST - 1].rsplit(" ", 1)[0] + " …"


def pool(questions: list[dict], found: list[dict], sections: dict[str, dict]) -> list[dict]:
    """What readers judge: question and section, without who found it, in an order drawn by chance."""
    pairs = {(one["id"], section) for one in questions for section in one["sections"]}
    pairs |= {(line["question"], section) for line in found for section in line["found"][:SHOWN]}
    asked = {one["id"]: one["question"] for one in questions}
    rows = []
    for question, address in sorted(pairs):
        section = sections.get(address)
        if section is None or question not in asked:
            continue
        title = section["title"] if section["first"] else f"{section['page']} > {section['title']}"
        text = opening(section["text"])
        rows.append({"question": question, "asked": asked[question], "section": address, "title": title, "text": text})
    random.Random(SEED).shuffle(rows)
    return rows


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m scripts.search.pool", description=__doc__)
    parser.add_argument("site", type=Path, help="a built site")
    parser.add_argument("out", type=Path, help="the file to write")
    given = parser.parse_args()
    found = read_lines(EARLIER) + read_lines(FOUND)
    sections = {one["id"]: one for one in read_sections(given.site)}
    rows = pool(read_lines(QUESTIONS), found, sections)
    given.out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    print(f"{len(rows)} sections to judge, of {len({row['question'] for row in rows})} questions.")


if __name__ == "__main__":
    main()
