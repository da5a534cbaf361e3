"""The recipes hold: each is followed to the letter in a small copy of the guide, and what they say to type is there."""

import json
import re
import shlex
import subprocess
import textwrap
from pathlib import Path

import nbformat
import pytest

from scripts import lint
from scripts.markdown import all_pages, fences_of
from scripts.paths import EXPERIMENTS, ROOT, all_programs, name_of
from scripts.record import RECORDS
from tests.programs.labs import all_labs, lab_name
from tests.site.mutations import HOME, PAGE, add, replace, run_tests, write
from tests.site.recipes import BIN, RECIPES, commands_of_make, expect_to_pass, make, requires_make, run_make, step

PROGRAM = '"""Greet somebody."""\n\nimport sys\n\nprint("Hello,", *sys.argv[1:])\n'
PRINTED = "$ python greet_somebody.py\nHello,\n"
DESCRIPTION = "A page that is written to try the recipe, with a description as long as a search engine shows it."
# What the page's quick part leaves out. The linters that run in Node take a connection at first.
PROGRAMS_TOO = ["tests/site/test_code_blocks.py", "tests/programs/test_programs.py", "-k", "not in_node"]


def named(text: str, page: str) -> str:
    """A part of a recipe with the names of this page and of the program above in place of the examples."""
    text = text.replace("<section>/<page>", page).replace("section/page", page)
    return text.replace("<verb_object>", "greet_somebody").replace("verb_object", "greet_somebody")


def form() -> str:
    """How a program stands on a page, as the site shows it: the semicolon keeps the include from being carried out."""
    (fence,) = (fence for fence in fences_of(RECIPES) if fence.language == "markdown")
    return re.sub(r"^;(?=--8<--)", "", textwrap.dedent(fence.body), flags=re.MULTILINE)


def quick_tests(root: Path) -> subprocess.CompletedProcess:
    """Run the quick part of the tests, as the page says it, and the tests of programs."""
    command = step(r"`(\.venv/bin/pytest tests/[^`]+)`", "Correct a page")
    return run_tests(root, *command.split()[1:], *PROGRAMS_TOO)


# The recipes, followed.


@requires_make
def test_a_program_is_added_to_a_page_as_the_recipe_says(copy):
    heading, page = "Add a program to a page", "ladder/planted"
    path = named(step(r"Write `([^`]+\.py)`", heading), page)
    write(path, PROGRAM)(copy)
    make(copy, named(step(r"`(make outputs [^`]+)`", heading), page))
    output = (copy / path).with_name(named(step(r"This writes `([^`]+)`", heading), page))
    assert output.read_text(encoding="utf-8") == PRINTED
    add(PAGE, named(form(), page))(copy)
    expect_to_pass(quick_tests(copy), heading)


@requires_make
def test_a_program_is_run_with_the_arguments_written_for_it(copy):
    write("snippets/ladder/planted/greet_somebody.py", PROGRAM)(copy)
    line = step(r"write the first line yourself \(`(\$ python [^`]+)`\)", "Add a program to a page")
    first, second = line.replace("name.py", "greet_somebody.py"), "$ python greet_somebody.py you"
    output = "snippets/ladder/planted/greet_somebody.out"
    write(output, f"{first}\n{second}\n")(copy)
    make(copy, named(step(r"`(make outputs [^`]+)`", "Add a program to a page"), "ladder/planted"))
    said = " ".join(shlex.split(first)[3:])
    assert (copy / output).read_text(encoding="utf-8") == f"{first}\nHello, {said}\n{second}\nHello, you\n"


@pytest.fixture
def added(copy):
    """Adds a page with a program to the copy as the recipe says, or leaves something out."""

    def add_page(description: str = DESCRIPTION, own_program: bool = True, link: bool = True) -> Path:
        page = "ladder/another"
        template = ROOT / step(r"Copy `([^`]+)`", "Add a page")
        text = template.read_text(encoding="utf-8")
        if description:
            text = re.sub(r"^description: .*", f"description: {description}", text, count=1, flags=re.MULTILINE)
        if own_program:
            text = named(text, page)
            write(f"snippets/{page}/greet_somebody.py", PROGRAM)(copy)
            write(f"snippets/{page}/greet_somebody.out", PRINTED)(copy)
        write(f"docs/{page}.md", text)(copy)
        replace("mkdocs.yml", "ladder/planted.md\n", f"ladder/planted.md\n      - Another page: {page}.md\n")(copy)
        if link:
            add(HOME, f"See [another page]({page}.md).\n")(copy)
        return copy

    return add_page


def test_a_page_is_added_as_the_recipe_says(added):
    expect_to_pass(quick_tests(added()), "Add a page")


@pytest.mark.parametrize(
    ("left_out", "failing", "told"),
    [
        ({"link": False}, "test_every_page_is_reached_from_the_home_page", "No link leads to ['ladder/another/index."),
        ({"description": ""}, "test_page_has_a_description_and_one_title", "ladder/another.md: its description has "),
        ({"own_program": False}, "test_includes_name_whole_files_or_closed", "includes section/page/verb_"),
    ],
    ids=["link", "description", "program"],
)
def test_what_is_left_out_of_a_new_page_is_told(added, left_out, failing, told):
    result = quick_tests(added(**left_out))
    assert result.returncode == 1, f"Nobody notices a new page without {list(left_out)}:\n{result.stdout[-3000:]}"
    assert failing in result.stdout and told in result.stdout, result.stdout[-5000:]


def test_the_template_shows_a_program_as_the_recipe_does():
    template = ROOT / step(r"Copy `([^`]+)`", "Add a page")
    assert form() in template.read_text(encoding="utf-8"), f"{template.name} and the recipe differ: make them the same."


FIGURE = "It says 30 days in 45% of all cases.\n"


@requires_make
def test_a_figure_is_asked_for_its_source_by_file_and_line(copy):
    add(PAGE, FIGURE)(copy)
    command = f"{step(r'run `(make register)`', 'Quote a figure, or say which is better')} only={PAGE}"
    told = run_make(copy, command)
    file = copy / "tests" / "register" / "ladder" / "planted.txt"
    lines = file.read_text(encoding="utf-8").splitlines()
    place = lines.index("    45: ?") + 1
    assert told.returncode == 1 and "    30: ladder/planted/print_a_line.out > Answer:" in lines
    assert f"tests/register/ladder/planted.txt:{place}: 45: it has no source yet; in: {FIGURE}" in told.stderr
    assert all(form in told.stderr for form in (" > ", "evidence/papers.md#", "(example)"))
    lines[place - 1] = "    45: (example)"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    make(copy, command)


LAB = """
# %% [markdown]
# # Greet everybody
#
# A greeting costs nothing: everybody is greeted by name.
#
# ```console
# $ pip install jupyterlab
# ```
#
# It reads [people.jsonl](../snippets/labs/greet-everybody/people.jsonl).
# %%
import json
from pathlib import Path

{read}
# %% [markdown]
# Now greet.
# %%
for person in read("people.jsonl"):
    print("Hello,", person["name"])
"""


@requires_make
def test_a_lab_is_added_as_the_recipe_says(copy):
    heading, name = "Add a lab", "greet-everybody"
    (fence,) = (fence for fence in fences_of(RECIPES) if fence.language == "python")
    read = textwrap.dedent(fence.body).replace("<name>", name)
    write("lab.py", LAB.format(read=read).lstrip())(copy)
    program, *arguments = shlex.split(step(r"`(\.venv/bin/jupytext [^`]+)`", heading))
    made = subprocess.run([BIN / Path(program).name, *arguments], cwd=copy, capture_output=True, encoding="utf-8")
    assert made.returncode == 0, f"`{shlex.join([program, *arguments])}` fails:\n{made.stderr}"
    (copy / "lab.py").unlink()
    notebook = nbformat.read(copy / "lab.ipynb", as_version=4)
    (copy / "lab.ipynb").unlink()
    notebook.metadata["description"] = DESCRIPTION
    lab = copy / step(r"Write `([^`]+\.ipynb)`", heading).replace("<name>", name)
    lab.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, lab)
    folder = step(r"Put its own data into `([^`]+)/`", heading).replace("<name>", name)
    write(f"{folder}/people.jsonl", json.dumps({"name": "Ada"}) + "\n")(copy)
    declared = step(r"`(files = \[[^`]+)`", heading).replace("<name>", name).replace(', "data/messages.jsonl"', "")
    write("snippets/programs.toml", f'["labs/{lab.name}"]\n{declared}\n')(copy)
    write("docs/labs/index.md", f"---\ndescription: {DESCRIPTION}\n---\n\n# Labs\n\n- [Greet]({lab.name})\n")(copy)
    after = "ladder/planted.md\n"
    replace("mkdocs.yml", after, f"{after}  - Labs:\n      - labs/index.md\n      - Greet: labs/{lab.name}\n")(copy)
    add(HOME, "See [the labs](labs/index.md).\n")(copy)
    make(copy, step(r"`(make outputs [^`]+)`", heading).replace("<name>", name))
    assert '"Hello, Ada\\n"' in lab.read_text(encoding="utf-8")
    command = step(r"`(\.venv/bin/pytest [^`]+)`", heading)
    expect_to_pass(run_tests(copy, *command.split()[1:], "-k", f"{name} or linter_has_no_complaint"), heading)


def test_a_part_of_a_selection_that_fits_no_test_fails_the_run(copy):
    tests = ["tests/unit/test_order.py", "-k"]
    result = run_tests(copy, *tests, "order or tool_has_no_complaint")
    assert result.returncode == pytest.ExitCode.USAGE_ERROR
    assert "-k names tool_has_no_complaint, and no test that was collected is called so." in result.stderr
    assert run_tests(copy, *tests, "(Test_Order or tests/unit) and not (test_order and not order)").returncode == 0


# What is to be typed.

TYPED_ON = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / ".github" / "PULL_REQUEST_TEMPLATE.md", *all_pages()]


def typed_on(page: Path) -> list[list[str]]:
    """The commands of the repository that a page says to type, in a fence or in a sentence, word by word."""
    text = page.read_text(encoding="utf-8")
    program = r"(?:make|(?:python3 scripts/|\.venv/bin/)[^\s`]+)"
    commands = re.findall(rf"`({program}(?: [^`\n]+)?)`|^\$ ({program}.*)", text, re.MULTILINE)
    return [shlex.split(sentence or fence, comments=True) for sentence, fence in commands]


def problem_of_make(*words: str) -> str:
    """What is wrong with a `make` that is to be typed; empty when nothing is."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    rule = ""
    for word in words:
        variable, given, value = word.partition("=")
        if not given:
            found = re.search(rf"^{re.escape(word)}:(.*\n(?:\t.*\n)*)", makefile, re.MULTILINE)
            if not found:
                return f"the Makefile has no `{word}`"
            rule = found[1]
        elif f"$({variable})" not in rule:
            return f"that takes no `{variable}`"
        elif variable == "only" and ("pytest -n 2 $" in rule or "scripts.lint" in rule):
            if not ((ROOT / value).exists() or value in lint.LINTERS):
                return f"there is no {value}"
        elif variable == "only" and "scripts.record" in rule:
            if "<" not in value and value.split()[0] not in RECORDS:
                return f"nothing is recorded under {value}"
        elif variable == "only" and "<" not in value:
            programs = [*map(name_of, all_programs()), *map(lab_name, all_labs())]
            experiments = [file.parent.name for file in EXPERIMENTS.glob("*/experiment.py")]
            if not any(value in name for name in (experiments if "experiments" in rule else programs)):
                return f"nothing is called {value}"
    return ""


def problem_of_program(program: str, *arguments: str) -> str:
    """What is wrong with a program of the environment that is to be typed, or with the files it is given."""
    name = Path(program).name
    if name not in ("pip", "python", "python3") and not (BIN / name).exists():
        return f"{name} is not installed: add it to requirements/, or run `make test`"
    if arguments[:1] == ("-m",):
        arguments = (arguments[1].replace(".", "/") + ".py",)
    for argument in arguments:
        path, _, test = argument.partition("::")
        if re.match(r"(tests|scripts|snippets|experiments|requirements)/", path) and not (ROOT / path).is_file():
            return f"there is no {path}"
        if test and f"def {test}(" not in (ROOT / path).read_text(encoding="utf-8"):
            return f"{path} has no {test}"
    return ""


def test_what_is_to_be_typed_can_be_typed():
    found, wrong = 0, []
    for page in TYPED_ON:
        for program, *arguments in typed_on(page):
            problem = problem_of_make(*arguments) if program == "make" else problem_of_program(program, *arguments)
            where = f"{page.relative_to(ROOT)}: `{shlex.join([program, *arguments])}`"
            wrong += [f"{where}: {problem}."] if problem else []
            found += 1
    assert not wrong, "\n".join(["Commands that cannot be typed:", *wrong])
    assert found > 40, f"Only {found} commands were found on {len(TYPED_ON)} pages."


def test_files_that_the_recipes_name_are_there():
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", RECIPES, RECIPES.with_name("style.md")):
        names = re.findall(
            r"`((?:docs|snippets|experiments|scripts|tests|requirements|overrides|\.github)/[\w./-]*)`",
            page.read_text("utf-8"),
        )
        gone = [name for name in names if not (ROOT / name).exists()]
        assert not gone, f"{page.relative_to(ROOT)} names files that are not there: {gone}."


README = ROOT / "README.md"


def fences_below(heading: str, language: str) -> list[list[str]]:
    """The commands in the fences of one language below a heading of the README, word by word."""
    text = README.read_text(encoding="utf-8").partition(f"### {heading}\n")[2].partition("\n## ")[0]
    lines = [
        line.removeprefix("$ ")
        for body in re.findall(rf"```{language}\n(.*?)```", text, re.S)
        for line in body.splitlines()
    ]
    return [shlex.split(line.replace("\\", "/"), comments=True) for line in lines]


@requires_make
def test_without_make_the_same_is_typed():
    typed = fences_below("Without `make`", "console")
    for target, *more in (["build"], ["outputs", "only=rag/answer"], ["test"], ["models"], ["lint"], ["links"]):
        for command in commands_of_make(ROOT, target, *more):
            assert command in typed, f"README.md, without make: `make {target}` runs `{shlex.join(command)}`."
    groups = {word for program, *words in typed if words[:1] == ["scripts/set_up.py"] for word in words[1:]}
    for group in ("site", "lint", "test"):
        ((_, script, installed),) = commands_of_make(ROOT, f".venv/{group}", "--always-make")
        assert (script, installed) == ("scripts/set_up.py", group)
    assert groups == {"site", "lint", "test"}, f"README.md, without make, installs {groups}."


def test_in_powershell_nothing_else_is_typed():
    known = [
        *fences_below("Without `make`", "console"),
        *map(
            shlex.split,
            re.findall(
                r"`(\.venv/bin/pytest tests/[^`]+)`", README.with_name("CONTRIBUTING.md").read_text(encoding="utf-8")
            ),
        ),
    ]
    typed = fences_below("On Windows", "powershell")
    assert len(typed) > 5, typed
    for program, *arguments in typed:
        here = program.replace(".venv/Scripts/", ".venv/bin/") if program != "py" else "python3"
        assert [here, *arguments] in known, (
            f"README.md, on Windows: {shlex.join([program, *arguments])} is typed nowhere else."
        )
