"""Mutations to plant in a small copy of the guide, each with the test that must name it.

The copy has the guide's own machinery (configuration, theme, tests, data) and two pages of its own, so that nothing
here depends on what the guide says today and no model is loaded.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rung.files import read_lines

from scripts.paths import ROOT

HOME = "docs/index.md"
PAGE = "docs/ladder/planted.md"
PROGRAM = "snippets/ladder/planted/print_a_line.py"
OUTPUT = "snippets/ladder/planted/print_a_line.out"
DECLARED = "snippets/programs.toml"
QUESTIONS = "snippets/data/questions.jsonl"
DOCUMENTS = "snippets/data/documents.jsonl"
NAME = "ladder/planted/print_a_line.py"

MINIATURE = {
    HOME: """---
description: The first page of a small copy of the guide, in which the tests plant one mutation after another.
---

# A small copy

It has one more page: [the planted page](ladder/planted.md).
""",
    PAGE: """---
description: The page of a small copy of the guide on which most mutations are planted, so that a test can name them.
---

# A planted page

## The program

```python title="print_a_line.py"
--8<-- "ladder/planted/print_a_line.py"
```

[View](../snippets/ladder/planted/print_a_line.py) · [Download](../snippets/ladder/planted/print_a_line.py){ download }

```console title="Output"
--8<-- "ladder/planted/print_a_line.out"
```
""",
    PROGRAM: '"""Print one line."""\n\nprint("Answer: 30 days, 0.71")\n',
    OUTPUT: "$ python print_a_line.py\nAnswer: 30 days, 0.71\n",
    DECLARED: "",
}
NAV = "nav:\n  - Home: index.md\n  - Planted:\n      - The planted page: ladder/planted.md\n"
PAGES_DATA = {"claims.json", "rules.json", "prompts.json"}  # they name pages that the copy has not
MACHINES = {".git", ".venv", ".cache", "test-results", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache"}
MODELS = {"embedding", "writer"}  # those that run in the browser: 140 MB, and the site builds without them
# To the reports only the guide's own pages link.
LEFT_OUT = {*MACHINES, *MODELS, "test_mutations.py", "reports", *PAGES_DATA}

Plant = Callable[[Path], None]


@dataclass(frozen=True)
class Mutation:
    """One way to spoil the guide."""

    kind: str  # what is wrong, as the closing table says it
    plant: Plant
    caught_by: str  # the test that must fail
    says: tuple[str, ...]  # what its message must contain: the place, and what is wrong there


def copy_in_miniature(root: Path) -> None:
    """Make the small copy: the guide's machinery, with the pages and programs above in place of its own."""

    def left_out(folder: str, names: list[str]) -> set[str]:
        where = Path(folder).relative_to(ROOT).as_posix()
        kinds = (".md", ".ipynb", "index.html")  # the last leads on from where a page was
        pages = {name for name in names if name.endswith(kinds) and where.split("/")[0] in {".", "docs"}}
        programs = set(names) - {"data"} if where == "snippets" else set()
        built = {"site"} if where == "." else set()
        return pages | programs | built | (set(names) & LEFT_OUT)

    shutil.copytree(ROOT, root, symlinks=True, ignore=left_out, dirs_exist_ok=True)
    for path, text in MINIATURE.items():
        write(path, text)(root)
    settings = (root / "mkdocs.yml").read_text(encoding="utf-8")
    settings, found = re.subn(r"^nav:\n(?:(?:[ #].*)?\n)+", NAV + "\n", settings, count=1, flags=re.MULTILINE)
    assert found, "mkdocs.yml has no nav."
    (root / "mkdocs.yml").write_text(settings, encoding="utf-8")
    terms = root / "scripts" / "printed_terms.toml"  # its exceptions are for programs that the copy has not
    terms.write_text(terms.read_text(encoding="utf-8").partition("[[exception]]")[0], encoding="utf-8")


def run_tests(root: Path, *tests: str) -> subprocess.CompletedProcess:
    """Run some of the copy's tests, as a contributor would; the plugins are the ones they need, to start quickly.

    One more makes the run fail where a name in `-k` fits no test.
    """
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON", "GUIDE"))}
    env |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    plugins = [word for name in ("no:cacheprovider", "xdist", "tests.site.selection") for word in ("-p", name)]
    command = [sys.executable, "-m", "pytest", "-q", "--color=no", *plugins, *tests]
    return subprocess.run(command, cwd=root, env=env, capture_output=True, encoding="utf-8")


# The ways to spoil a file; each returns what does it to a copy.


def write(path: str, text: str) -> Plant:
    """Write a file."""

    def plant(root: Path) -> None:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")

    return plant


def add(path: str, text: str) -> Plant:
    """Add to the end of a file, after an empty line."""
    return lambda root: (root / path).write_text((root / path).read_text("utf-8") + "\n" + text, encoding="utf-8")


def replace(path: str, old: str, new: str) -> Plant:
    """Replace a text that the file must contain."""

    def plant(root: Path) -> None:
        text = (root / path).read_text(encoding="utf-8")
        assert old in text, f"{path} has no {old!r} to spoil."
        (root / path).write_text(text.replace(old, new), encoding="utf-8")

    return plant


def remove(path: str) -> Plant:
    """Remove a file."""
    return lambda root: (root / path).unlink()


def both(*plants: Plant) -> Plant:
    """Do several things."""

    def plant(root: Path) -> None:
        for one in plants:
            one(root)

    return plant


def declare(values: str) -> Plant:
    """Declare something about the program in snippets/programs.toml."""
    return write(DECLARED, f'["{NAME}"]\n{values}\n')


def change_rows(path: str, change: Callable[[list[dict]], None]) -> Plant:
    """Change rows of a data file."""

    def plant(root: Path) -> None:
        rows = read_lines(root / path)
        change(rows)
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (root / path).write_text(text, encoding="utf-8")

    return plant


def gold(question: dict) -> bool:
    """Whether the documents answer a question."""
    return question["answerable"]


def unpin(root: Path) -> None:
    """Name the first action of the first workflow by a tag instead of a commit."""
    workflow = min((root / ".github" / "workflows").glob("*.yml"))
    text, found = re.subn(r"(uses: [\w/-]+)@[0-9a-f]{40}.*", r"\1@main", workflow.read_text("utf-8"), count=1)
    assert found, f"{workflow.name} uses no pinned action."
    workflow.write_text(text, encoding="utf-8")


RUNS = "tests/programs/test_programs.py::test_program_prints_its_output"
DECLARATIONS = "tests/programs/test_programs.py::test_every_declaration_has_a_reason_and_a_program"
FENCES = "tests/site/test_pages.py::test_python_on_the_page_is_included_from_a_program"
INCLUDES = "tests/site/test_pages.py::test_includes_name_whole_files_or_closed_sections"
DESCRIPTION = "tests/site/test_pages.py::test_page_has_a_description_and_one_title"
ON_ITS_PAGE = "tests/site/test_pages.py::test_program_and_its_output_are_on_its_page"
PIP_LINE = "tests/site/test_pages.py::test_pip_install_line_covers_the_imports"
COPIED = "tests/site/test_pages.py::test_program_can_be_copied"
SERVED = "tests/site/test_built_site.py::test_programs_and_data_can_be_downloaded_unchanged"
LINKS = "tests/site/test_built_site.py::test_every_link_in_the_built_site_leads_somewhere"
FOREIGN = "tests/site/test_built_site.py::test_no_page_fetches_from_another_host"
SHOWN = "tests/site/test_code_blocks.py::test_code_and_output_on_the_built_pages_is_what_was_run"
STYLE = "tests/site/test_style.py::test_linter_has_no_complaint"

NOT_INCLUDED = ("docs/ladder/planted.md:19", "Python that no test runs")
NO_BUILD = "The site does not build"
FENCE = "```python\nprint(1)\n```\n"

MUTATIONS = [
    # The output on the page is what the program printed.
    Mutation("wrong output in the .out file", add(OUTPUT, "more\n"), RUNS, (NAME, "no longer prints", "-more")),
    Mutation("spaces of the output changed", replace(OUTPUT, "30 days", "30  days"), RUNS, (NAME, "-Answer: 30  days")),
    Mutation("missing .out file", remove(OUTPUT), RUNS, (NAME, "has no .out file", "make outputs only=ladder/planted")),
    Mutation("program that raises an exception", add(PROGRAM, "1 / 0\n"), RUNS, (NAME, "exit code 1", "ZeroDivision")),
    Mutation(
        ".out file that runs another program",
        replace(OUTPUT, "print_a_line.py", "print_another.py"),
        RUNS,
        ("print_a_line.out", "print_another.py"),
    ),
    Mutation(
        ".out file without a program",
        write("snippets/ladder/planted/print_nothing.out", "$ python print_nothing.py\n"),
        "tests/site/test_pages.py::test_every_output_has_its_program",
        ("ladder/planted/print_nothing.out", "no program beside it"),
    ),
    Mutation(
        "program that opens a file which is not declared",
        add(PROGRAM, 'open("data/questions.jsonl")\n'),
        RUNS,
        (NAME, "was not given data/questions.jsonl", "`files` in snippets/programs.toml"),
    ),
    Mutation(
        "declared file that is not there",
        declare('files = ["data/nothing.jsonl"]'),
        RUNS,
        (DECLARED, NAME, "data/nothing.jsonl"),
    ),
    # What is declared about a program does not free it from the truth.
    Mutation(
        "generated wording that loses its fact",
        both(
            declare('reason = "A model words it."\ngenerated = ["^Answer: "]\nfacts = ["30 days"]'),
            replace(PROGRAM, "30 days", "14 days"),
        ),
        RUNS,
        (NAME, "declared facts", "30 days"),
    ),
    Mutation(
        "figure outside its tolerance",
        both(declare('reason = "Processors differ."\ndecimal = 0.02'), replace(PROGRAM, "0.71", "0.74")),
        RUNS,
        (NAME, "-Answer: 30 days, 0.71", "+Answer: 30 days, 0.74"),
    ),
    Mutation("declaration without a reason", declare("decimal = 0.02"), DECLARATIONS, (NAME, "needs a reason")),
    Mutation(
        "generated wording without a fact",
        declare('reason = "A model words it."\ngenerated = ["^Answer: "]'),
        DECLARATIONS,
        (NAME, "needs facts"),
    ),
    Mutation(
        "declaration that fits every line",
        declare('reason = "A model words it."\ngenerated = ["^"]\nfacts = ["30"]'),
        DECLARATIONS,
        (DECLARED, "fits every line"),
    ),
    Mutation(
        "declaration of a program that is gone",
        write(DECLARED, '["ladder/planted/print_nothing.py"]\nreason = "It was there."\n'),
        DECLARATIONS,
        ("ladder/planted/print_nothing.py", "not there"),
    ),
    # Everything on a page is run.
    Mutation("Python fence that nothing runs", add(PAGE, FENCE), FENCES, NOT_INCLUDED),
    Mutation(
        "the same, inside a note and in other words",
        add(PAGE, '!!! note\n\n    ~~~ { .py3 linenums="1" }\n    print(1)\n    ~~~\n'),
        FENCES,
        ("docs/ladder/planted.md:21", "Python that no test runs"),
    ),
    Mutation(
        "Python added below an include",
        replace(PAGE, '_line.py"\n```\n', '_line.py"\nprint(1)\n```\n'),
        FENCES,
        ("docs/ladder/planted.md:9", "Python that no test runs"),
    ),
    Mutation(
        "Python in a quotation",
        add(PAGE, "> ```python\n> print(1)\n> ```\n"),
        SHOWN,
        ("ladder/planted/index.html", "begins with `print(1)` is Python that no test runs"),
    ),
    Mutation(
        "Python without its language",
        add(PAGE, "```\nimport os\n```\n"),
        SHOWN,
        ("ladder/planted/index.html", "begins with `import os` is Python that no test runs"),
    ),
    Mutation(
        "output written by hand",
        add(PAGE, "```console\n$ python print_a_line.py\nAnswer: 99 days\n```\n"),
        SHOWN,
        ("ladder/planted/index.html", "`$ python print_a_line.py` shows an output that no test compares"),
    ),
    Mutation(
        "include of a missing file",
        replace(PAGE, '8<-- "ladder/planted/print_a_line.py"', '8<-- "ladder/planted/print_nothing.py"'),
        INCLUDES,
        ("docs/ladder/planted.md:9", "print_nothing.py", "no such file"),
    ),
    Mutation(
        "include of a missing drawing, outside a fence",
        add(PAGE, '--8<-- "nothing.svg"\n'),
        SERVED,
        (NO_BUILD, "ladder/planted.md", "nothing.svg"),
    ),
    Mutation(
        "section without an end marker",
        both(
            replace(PAGE, '_line.py"\n```\n', '_line.py:middle"\n```\n'),
            replace(PROGRAM, "print(", "# --8<-- [start:middle]\nprint("),
        ),
        INCLUDES,
        ("docs/ladder/planted.md:9", "section middle", "one end marker"),
    ),
    Mutation(
        "include by line numbers",
        replace(PAGE, '_line.py"\n```\n', '_line.py:1:3"\n```\n'),
        INCLUDES,
        ("docs/ladder/planted.md:9", "names lines"),
    ),
    # Everything that is run is on its page.
    Mutation(
        "program without a page",
        write("snippets/ladder/nowhere/print_a_line.py", MINIATURE[PROGRAM]),
        ON_ITS_PAGE,
        ("ladder/nowhere/print_a_line.py", "has no page", "docs/ladder/nowhere.md"),
    ),
    Mutation(
        "program that its page does not show",
        replace(PAGE, '--8<-- "ladder/planted/print_a_line.py"', ""),
        ON_ITS_PAGE,
        ("docs/ladder/planted.md", f"does not include {NAME}"),
    ),
    Mutation(
        "output that its page does not show",
        replace(PAGE, '--8<-- "ladder/planted/print_a_line.out"', "Answer: 30 days"),
        ON_ITS_PAGE,
        ("docs/ladder/planted.md", "does not show ladder/planted/print_a_line.out"),
    ),
    Mutation(
        "program without a download link",
        replace(PAGE, "{ download }", ""),
        ON_ITS_PAGE,
        ("docs/ladder/planted.md", f"no Download link to {NAME}"),
    ),
    Mutation(
        "program that the site does not serve",
        replace("mkdocs.yml", "  *.pyc\n", "  *.pyc\n  snippets/ladder/planted/*.out\n"),
        SERVED,
        ("The site lacks", "ladder/planted/print_a_line.out"),
    ),
    Mutation(
        "data file without a link",
        declare('files = ["data/questions.jsonl"]'),
        "tests/site/test_pages.py::test_page_offers_the_data_its_program_reads",
        ("docs/ladder/planted.md", "no link to download data/questions.jsonl"),
    ),
    Mutation(
        "program of another page",
        both(
            write("docs/ladder/other.md", MINIATURE[PAGE]),
            replace("mkdocs.yml", "ladder/planted.md\n", "ladder/planted.md\n      - Other: ladder/other.md\n"),
        ),
        "tests/site/test_pages.py::test_every_program_on_a_page_lives_in_that_pages_folder",
        ("docs/ladder/other.md:9", NAME, "of another page"),
    ),
    # A program can be copied and run alone.
    Mutation(
        "package missing from the page's pip line",
        both(add(PROGRAM, "import yaml\n"), add(PAGE, "```console\n$ pip install torch\n```\n")),
        PIP_LINE,
        ("docs/ladder/planted.md", "`pip install` line lacks pyyaml"),
    ),
    Mutation(
        "import of a neighbour",
        both(add(PROGRAM, "import print_more\n"), write("snippets/ladder/planted/print_more.py", MINIATURE[PROGRAM])),
        PIP_LINE,
        (NAME, "imports print_more"),
    ),
    Mutation("import from its own folder", add(PROGRAM, "from . import more\n"), COPIED, (NAME, "must stand alone")),
    Mutation(
        "program without a docstring", replace(PROGRAM, '"""', "# "), COPIED, (NAME, "needs a one-line docstring")
    ),
    Mutation("program that is too long", add(PROGRAM, "print()\n" * 90), COPIED, (NAME, "has 94 lines", "shorten it")),
    Mutation(
        "program named like a standard module",
        write("snippets/ladder/planted/pydoc_data.py", MINIATURE[PROGRAM]),
        COPIED,
        ("ladder/planted/pydoc_data.py", "has the name of a module"),
    ),
    Mutation(
        "program named like a library",
        write("snippets/ladder/planted/typing_extensions.py", MINIATURE[PROGRAM]),
        COPIED,
        ("ladder/planted/typing_extensions.py", "has the name of a module"),
    ),
    Mutation(
        "model loaded without a word on how to get it",
        add(PROGRAM, 'from transformers import pipeline\n\npipeline("text-generation", "HuggingFaceTB/SmolLM2")\n'),
        "tests/programs/test_bad_input.py::test_every_model_is_loaded_where_its_absence_is_told",
        (f"{NAME}:7", "loads a model outside `try: ... except (OSError, ValueError)"),
    ),
    Mutation("key in a program", add(PROGRAM, f'api_key = "{"0123" * 5}"\n'), COPIED, (NAME, "holds a key")),
    # Pages are whole, and links lead somewhere.
    Mutation(
        "page without a description",
        replace(PAGE, "description: The page", "# The page"),
        DESCRIPTION,
        ("docs/ladder/planted.md", "has no description"),
    ),
    Mutation(
        "description that is cut off",
        replace(PAGE, "description: The page", f"description: The page {'and so on ' * 20}"),
        DESCRIPTION,
        ("docs/ladder/planted.md", "70 to 155"),
    ),
    Mutation("dead link to a page", add(PAGE, "[Gone](gone.md)\n"), SERVED, (NO_BUILD, "planted.md", "'gone.md'")),
    Mutation(
        "dead link to a section of a page",
        add(HOME, "[Gone](ladder/planted.md#gone)\n"),
        SERVED,
        (NO_BUILD, "index.md", "ladder/planted.md#gone"),
    ),
    Mutation("absolute link", add(PAGE, "[Home](/index.md)\n"), SERVED, (NO_BUILD, "planted.md", "absolute link")),
    Mutation(
        "page that is not in the navigation",
        write("docs/ladder/other.md", MINIATURE[PAGE]),
        SERVED,
        (NO_BUILD, "not included in the", "ladder/other.md"),
    ),
    Mutation(
        "page that no link leads to",
        both(
            write("docs/ladder/other.md", MINIATURE[PAGE]),
            add("mkdocs.yml", "not_in_nav: /ladder/other.md\n"),
        ),
        "tests/site/test_built_site.py::test_every_page_is_reached_from_the_home_page",
        ("No link leads to", "ladder/other/index.html"),
    ),
    Mutation(
        "dead link in HTML",
        add(PAGE, '<a href="../gone/">Gone</a>\n'),
        LINKS,
        ("Dead links", "ladder/planted/index.html", "../gone/: no such file"),
    ),
    Mutation(
        "dead link to a section in HTML",
        add(PAGE, '<a href="../../#gone">Gone</a>\n'),
        LINKS,
        ("Dead links", "ladder/planted/index.html", "../../#gone: no such place"),
    ),
    # The site asks no other host for anything.
    Mutation(
        "third-party script",
        add(PAGE, '<script src="https://cdn.example.org/a.js"></script>\n'),
        FOREIGN,
        ("ladder/planted/index.html", "https://cdn.example.org/a.js"),
    ),
    Mutation(
        "third-party image",
        add(PAGE, "![A drawing](https://img.example.org/a.png)\n"),
        FOREIGN,
        ("ladder/planted/index.html", "https://img.example.org/a.png"),
    ),
    Mutation(
        "third-party stylesheet",
        replace("mkdocs.yml", "extra_css:\n", "extra_css:\n  - https://css.example.org/a.css\n"),
        FOREIGN,
        (".html", "https://css.example.org/a.css"),
    ),
    Mutation(
        "third-party font in our stylesheet",
        add(
            "docs/assets/css/tokens.css",
            '@font-face { font-family: x; src: url("https://fonts.example.org/a.woff2"); }\n',
        ),
        "tests/site/test_built_site.py::test_no_stylesheet_or_script_of_ours_names_another_host",
        ("docs/assets/css/tokens.css", "https://fonts.example.org/a.woff2"),
    ),
    Mutation(
        "page too wide for a phone, too pale in the dark, with an image unheard and a script that asks elsewhere",
        both(
            add(
                PAGE,
                '<div style="width: 900px">Wide</div>\n\n<img src="../../assets/images/favicon.svg">\n\n'
                '<p style="color: #222">Read by day</p>\n',
            ),
            add("docs/assets/site.js", 'fetch("//api.example.org/stars"); nothing()\n'),
        ),
        "tests/browser/test_pages.py::test_page_is_sound_on_every_device_in_both_schemes[ladder/planted.md]",
        (
            "the page scrolls sideways",
            "dark: axe color-contrast",
            "axe image-alt",
            "request to another host",
            "error in a script",
        ),
    ),
    # The data keeps its promises.
    Mutation(
        "wrong gold answer",
        change_rows(QUESTIONS, lambda rows: next(filter(gold, rows)).update(accept=["what no document says"])),
        "tests/programs/test_data.py::test_gold_documents_answer_their_questions",
        ("Question q", "contains none of ['what no document says']"),
    ),
    Mutation(
        "two documents with the same id",
        change_rows(DOCUMENTS, lambda rows: rows[1].update(id=rows[0]["id"])),
        "tests/programs/test_data.py::test_ids_are_unique",
        ("documents.jsonl", "more than one row"),
    ),
    Mutation(
        "question of one split that is also in the other",
        change_rows(QUESTIONS, lambda rows: rows[1].update(direct=rows[0]["direct"])),
        "tests/programs/test_data.py::test_no_text_stands_twice",
        ("direct repeats q", "a split leaks"),
    ),
    # House style.
    Mutation("spelling mistake", add(PAGE, f"You {'rec' + 'ieve'} it.\n"), f"{STYLE}[codespell]", ("planted.md:19",)),
    Mutation(
        "a word that the field has a better one for, in an answer to be said aloud",
        add(PAGE, '!!! quote "Say it"\n\n    If the form still fails, I tune.\n'),
        f"{STYLE}[printed-terms]",
        ("planted.md:21", "“the form still fails”", "format or style still fails"),
    ),
    Mutation("two titles on a page", add(PAGE, "# Again\n"), f"{STYLE}[rumdl]", ("planted.md:19", "MD025")),
    Mutation(
        "unused import", add(PROGRAM, "import os\n"), f"{STYLE}[ruff]", ("print_a_line.py:5", "imported but unused")
    ),
    Mutation("untidy code", add(PROGRAM, "print( 1 )\n"), f"{STYLE}[ruff-format]", ("print_a_line.py", "-print( 1 )")),
    Mutation("action that is not pinned", unpin, f"{STYLE}[zizmor]", ("unpinned-uses", "--> .github/workflows/")),
]
