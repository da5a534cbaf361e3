"""A reader may write another model's name, or a folder, into any program that loads a language model.

Each program runs here with tiny models of four families in place of its own: one whose tokenizer puts a token before
every text, one with an end token of its own and none before, one whose chat template takes no system turn, one with
neither padding token nor chat template.
"""

import json
import re
import shlex
from pathlib import Path

import pytest
from rung.files import read_lines

from scripts.paths import all_programs, name_of
from tests.programs.families import FAMILIES, run_each, run_in, save
from tests.programs.runner import Run, commands_of, prepare
from tests.programs.snapshot import TIME

OWN_MODEL = re.compile(r'^MODEL = "HuggingFaceTB/[^"]*"', re.MULTILINE)
PROGRAMS = [program for program in all_programs() if OWN_MODEL.search(program.read_text(encoding="utf-8"))]
NO_CHAT = "is not made for chats: choose a model whose name ends in Instruct or Chat."
NO_SYSTEM = (
    "takes no system turn (System role not supported): put the instruction at the beginning of the first message."
)
OF_EACH_TEAM = {"train": 3, "dev": 3, "test": 6}
QUESTIONS = 8  # of the shared test questions, likewise
DOCUMENTS = 20  # of the shared documents, and those that answer the questions

# Written down of each run: every row of tokens that the model reads, what each loss is told to expect, and which model
# read something in training mode while nothing was learned. (A model here knows 600 tokens; an embedder beside it, 512
# places and tens of thousands of tokens.)
WATCH = """
def watch():
    fed, wanted, unsteady = (open(f"{name}.jsonl", "w") for name in ("fed", "wanted", "unsteady"))
    cross_entropy = torch.nn.functional.cross_entropy

    def note_fed(module, given):
        if isinstance(module, torch.nn.Embedding) and 512 < module.num_embeddings < 1000 and given[0].dim() == 2:
            fed.writelines(json.dumps(row) + "\\n" for row in given[0].tolist())

    def note_unsteady(module, given):
        if isinstance(module, transformers.PreTrainedModel) and module.training and not torch.is_grad_enabled():
            unsteady.write(json.dumps(type(module).__name__) + "\\n")

    def note_wanted(scores, targets, *others, **options):
        wanted.write(json.dumps(targets.tolist()) + "\\n")
        return cross_entropy(scores, targets, *others, **options)

    torch.nn.modules.module.register_module_forward_pre_hook(note_fed)
    torch.nn.modules.module.register_module_forward_pre_hook(note_unsteady)
    torch.nn.functional.cross_entropy = note_wanted
    return fed, wanted, unsteady
"""
# What is put after a program: a student that is saved and loaded; what TRL's trainer hands to the model in two epochs.
AFTER = {
    "distil_a_student": """
student.save_pretrained("whole")
again = AutoModelForCausalLM.from_pretrained("whole", dtype=torch.float32)
with torch.no_grad():
    difference = next_token_scores(student, held_out) - next_token_scores(again, held_out)
print(f"saved and loaded, the scores differ by {difference.abs().max():.6f}")
""",
    "tune_with_a_trainer": """
with open("wanted.jsonl", "w") as wanted:
    for batch in [*trainer.get_train_dataloader(), *trainer.get_train_dataloader()]:
        wanted.writelines(f"{labels}\\n" for labels in batch["labels"].tolist())
""",
}


def few_messages(folder: Path) -> None:
    """Leave so few of the shared messages that a program ends within seconds, as many of every team."""
    path = folder / "data" / "messages.jsonl"
    if not path.exists():
        return
    rows = read_lines(path)
    groups = {}
    for row in rows:
        groups.setdefault((row["split"], row["team"]), []).append(row)
    kept = [row for (split, _), group in groups.items() for row in group[: OF_EACH_TEAM[split]]]
    path.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")


def few_questions(folder: Path) -> None:
    """Leave as few of the shared questions, and of the documents, which take long to embed."""
    path, documents = folder / "data" / "questions.jsonl", folder / "data" / "documents.jsonl"
    kept = []
    if path.exists():
        kept = [row for row in read_lines(path) if row["answerable"] and row["split"] == "test"][:QUESTIONS]
        path.write_text("".join(json.dumps(row) + "\n" for row in kept), encoding="utf-8")
    if documents.exists():
        rows, answering = read_lines(documents), {row["document"] for row in kept}
        few = [row for number, row in enumerate(rows) if number < DOCUMENTS or row["id"] in answering]
        documents.write_text("".join(json.dumps(row) + "\n" for row in few), encoding="utf-8")


def as_changed(program: Path, model: Path, folder: Path) -> list[str]:
    """Put a program whose reader changed its model's name into a folder, with its data; returns its command."""
    command = shlex.split(commands_of(program)[0])
    prepare(program, folder)
    if OWN_MODEL.search(program.read_text(encoding="utf-8")):
        few_messages(folder)
        few_questions(folder)
    text = OWN_MODEL.sub(f'MODEL = "{model}"', program.read_text(encoding="utf-8"), count=1)
    (folder / program.name).write_text(text + AFTER.get(program.stem, ""), encoding="utf-8")
    return command


class Runs:
    """Every program with one family's model, in a folder where they have been run."""

    def __init__(self, family: str, root: Path):
        """Keep where they ran."""
        self.family, self.root, self.model = family, root, root / "model"

    def folder_of(self, program: Path) -> Path:
        """Where this program ran."""
        return self.root / name_of(program).replace("/", "-")

    def make(self) -> None:
        """Run them all."""
        self.root.mkdir()
        save(FAMILIES[self.family], self.model)
        jobs = []
        for one in PROGRAMS:
            self.folder_of(one).mkdir()
            jobs.append((self.folder_of(one), as_changed(one, self.model, self.folder_of(one))))
        run_each(jobs, self.root, WATCH)

    def of(self, program: Path) -> Run:
        """What this program printed, and how it ended."""
        return run_in(self.folder_of(program))


@pytest.fixture(scope="session", params=FAMILIES)
def runs(request, made_once) -> Runs:
    """The programs with each family's tiny model."""
    family = request.param
    return Runs(family, made_once(f"family-{family}", lambda root: Runs(family, root).make()))


def named(stem: str) -> Path:
    return next(program for program in PROGRAMS if program.stem == stem)


# What the libraries say of this architecture, whose layers are of another kind; no other family's reader sees it.
OF_GPT2_ALONE = ("fan_in_fan_out is set to False", "warnings.warn(", "`loss_type=None` was set in the config")


@pytest.mark.parametrize("program", PROGRAMS, ids=name_of)
def test_a_program_works_with_a_model_of_another_family(program, runs):
    run = runs.of(program)
    if runs.family == "gpt2" and run.returncode:
        assert run.stderr == f"{runs.model} {NO_CHAT}\n", run.stderr[-2000:]
        assert "chat_template is None" in program.read_text(encoding="utf-8")
        return
    if runs.family == "gemma" and program.stem == "add_a_system_instruction":  # it is about the system turn
        assert run.returncode == 1 and run.stderr == f"{runs.model} {NO_SYSTEM}\n", run.stderr[-2000:]
        return
    assert run.returncode == 0, run.stderr[-3000:]
    lines = TIME.sub("", run.stderr).splitlines()
    said = [line for line in lines if not any(note in line for note in OF_GPT2_ALONE)]
    assert not said, f"{name_of(program)} writes beside its output:\n{run.stderr[-2000:]}"
    unsteady = read_lines(runs.folder_of(program) / "unsteady.jsonl")
    assert not unsteady, f"{name_of(program)} measures a model in training mode, with its dropout: call .eval() first."
    tokens = read_lines(runs.folder_of(program) / "fed.jsonl")
    assert tokens, "the model read nothing"
    if FAMILIES[runs.family].bos:
        first = 0  # the tokenizer's first special token, which it puts before a text
        twice = [row for row in tokens if row.count(first) > 1]
        assert not twice, f"{name_of(program)} puts a beginning before a text that has one: {twice[0][:20]}"
        assert any(row.count(first) == 1 for row in tokens), f"{name_of(program)} leaves out the beginning."


@pytest.mark.parametrize("stem", ["tune_a_format", "tune_with_a_trainer"])
def test_the_loss_counts_the_reply_and_the_end_token_alone(stem, runs):
    from transformers import AutoTokenizer

    run = runs.of(named(stem))
    if not FAMILIES[runs.family].chat:
        assert NO_CHAT in run.stderr
        return
    assert run.returncode == 0, run.stderr[-3000:]
    folder = runs.folder_of(named(stem))
    rows = read_lines(folder / "data" / "messages.jsonl")
    lines = {f"{row['team']} / {row['urgency']} / {row['product']}" for row in rows if row["split"] == "train"}
    wanted = [[token for token in targets if token != -100] for targets in read_lines(folder / "wanted.jsonl")]
    assert len(wanted) == 2 * 4 * OF_EACH_TEAM["train"]  # two epochs, four teams
    tokenizer = AutoTokenizer.from_pretrained(runs.model)
    for targets in wanted:
        text = tokenizer.decode(targets)
        assert text.rstrip("\n") in {f"{line}{FAMILIES[runs.family].eos}" for line in lines}, text


def test_a_student_that_is_saved_and_loaded_is_whole(runs):
    run = runs.of(named("distil_a_student"))
    assert run.returncode == 0, run.stderr[-3000:]
    assert "student, as cut: 2 layers" in run.record
    assert run.record.endswith("saved and loaded, the scores differ by 0.000000\n"), run.record


def test_a_model_that_knows_nothing_does_not_answer_everything(runs):
    """A first token that is the same for every ending, <s> for instance, would make every answer right."""
    run = runs.of(named("probe_general_ability"))
    assert run.returncode == 0, run.stderr[-3000:]
    right = [int(count) for count in re.findall(r"(\d+)/40 =", run.record)]
    assert len(right) == 3 and max(right) < 30, run.record
