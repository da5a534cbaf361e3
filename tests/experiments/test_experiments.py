"""The experiments run, and what they published follows from their predictions and from their settings."""

import ast
import importlib
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import fields, replace
from itertools import product
from pathlib import Path

import pytest
import yaml

from scripts.paths import EXPERIMENTS, HF_HOME, ROOT

sys.path.insert(0, str(EXPERIMENTS))  # as `python experiments/run.py` has it

from compare import judge
from kit import provenance
from kit.arm import Arm
from kit.environment import use_local_models
from kit.models import MODELS, OF_ANY_MODEL, QWEN2, SMOLLM2, for_model
from kit.paths import all_experiments, published, results_of
from kit.rows import RESULTS_READ, read_predictions, write_rows
from kit.statistics import clustered_share
from kit.work import Work
from run import is_whole, write_report
from rung.files import read_lines
from rung.scoring import abstains, holds
from tasks.questions import answerable, says_not_there

from tests.experiments.slices import compared
from tests.programs import run_cache
from tests.programs.families import save_narrow

NAMES = all_experiments()
PUBLISHED = published()
# With which models each was published, by the folder of their results.
WITH_MODEL = [(name, key) for name in NAMES for key in MODELS if (results_of(name, key) / "provenance.json").exists()]
RUN, COMPARE = EXPERIMENTS / "run.py", EXPERIMENTS / "compare.py"
WORKFLOWS = ROOT / ".github" / "workflows"
OF_BOTH_MODELS = {"cascade.md"}  # experiments/cascade.py writes it into the results of `trust`
AGREEMENT = 0.8  # of the rows of a slice: between processors a token flips here and there


def files_in(folder) -> dict[str, str]:
    """The texts of a folder's files, by name."""
    return {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}


def run_experiments(*arguments, program: tuple = (RUN,)) -> None:
    """Run experiments in a process of their own."""
    # Two threads wait for each other for minutes where another test has one of two cores.
    env = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, ROOT / "scripts" / "full_vectors.py", *program, *arguments]
    result = subprocess.run(command, cwd=EXPERIMENTS, env=env, capture_output=True, encoding="utf-8")
    assert result.returncode == 0, result.stdout[-500:] + result.stderr[-3000:]


# What `python experiments/run.py` does, with the model in the folder that comes first in place of the small one.
RUN_NARROW = """
from kit.environment import use_local_models
use_local_models()
import sys
from dataclasses import replace
from kit.models import MODELS, SMOLLM2
from run import main
MODELS[SMOLLM2.key] = replace(SMOLLM2, name=sys.argv.pop(1))
main()
"""


def inputs_of(name: str, model: str = SMOLLM2.key) -> dict:
    """What an experiment's results depend on, as it stands."""
    experiment = provenance.module_of(name)
    return provenance.inputs_of(experiment, for_model(experiment.SETTINGS, model))


@pytest.fixture
def once(request, record_property) -> Callable[[Callable[[], None]], None]:
    """Tries experiments, unless that went well before and nothing has changed of what they are made of."""
    afresh = run_cache.is_afresh(request.config.getoption)
    folders = [EXPERIMENTS, ROOT / "rung" / "src", ROOT / "tests" / "experiments"]
    files = [file for folder in folders for file in folder.rglob("*") if file.suffix != ".pyc" and file.is_file()]
    files += [file for name in NAMES for file in provenance.module_of(name).DATA]
    files += [ROOT / "scripts" / name for name in ("lay_out_models.py", "full_vectors.py", "paths.py")]
    key = run_cache.digest_of([request.node.name], [*files, Path(inspect.getfile(save_narrow)), *run_cache.pins()])

    def do(check: Callable[[], None]) -> None:
        if not run_cache.made(key, check, afresh):
            record_property("note", run_cache.NOTE)

    return do


@pytest.mark.long
def test_experiments_run_from_end_to_end_at_a_tiny_size(once, tmp_path):
    """What they compute with the small model itself, their slices see."""
    once(lambda: run_tiny(tmp_path))


def run_tiny(tmp_path: Path) -> None:
    """Run every experiment at a tiny size, with a narrow model; each leaves all that it should."""
    # One process for all: loading the libraries takes longer than most of them.
    narrow = ("-c", RUN_NARROW, save_narrow(tmp_path / "narrow"))  # it has more layers than a student
    run_experiments(*NAMES, "--tiny", "--results", tmp_path, "--jobs", "1", program=narrow)
    for name in NAMES:
        made = files_in(tmp_path / name)
        rows = read_lines(tmp_path / name / "predictions.jsonl")
        assert {"metrics.json", "provenance.json"} < set(made), name
        assert len(rows) > len({row["unit"] for row in rows}), f"{name}: a unit of work without predictions"
        for file in (file for file in made if file.endswith(".svg")):
            root = ET.fromstring(made[file])
            assert root.find("title").text and root.find("desc").text, f"{file} has no words for who cannot see it."


@pytest.mark.long
def test_a_slice_of_each_experiment_run_again_gives_what_it_published(once, tmp_path):
    """No published result names the programs: this is what sees that one of them computes something else."""
    once(lambda: run_slices(tmp_path))


def run_slices(tmp_path: Path) -> None:
    """Run a slice of each experiment; its rows are those that were published."""
    run_experiments(*PUBLISHED, "--slice", "--results", tmp_path, "--jobs", "1")
    for name in PUBLISHED:
        made = read_predictions(tmp_path / name / "predictions.jsonl")
        slice_of = compared(made, read_predictions(results_of(name) / "predictions.jsonl"))
        assert slice_of.share >= AGREEMENT, "\n".join(
            [
                f"{name} computes something else than it published: raise its VERSION and run it again.",
                *slice_of.differing,
            ]
        )


def test_a_slice_sees_other_answers_and_losses_and_lets_rounding_pass():
    arm = Arm(method="prompt", model=SMOLLM2.key)
    row = {"unit": "u", "arm": arm, "id": "q1", "answer": "£18", "loss": 2.0, "took_s": 1.0}
    assert compared([row | {"loss": 2.02, "took_s": 9.0, "unit": "v"}], [row]).share == 1
    assert compared([row | {"loss": 2.1}], [row]).share == 0
    assert compared([row | {"answer": "£19"}], [row]).differing == ["u, q1: answer '£18' → '£19'"]
    with pytest.raises(KeyError):  # another setting makes another arm
        compared([row | {"arm": replace(arm, examples=4)}], [row])


def test_a_slice_that_stops_training_early_sees_other_evaluations_as_far_as_it_went():
    published = {"unit": "u", "arm": Arm(method="from scratch", model="m", seed=0), "order": [3, 1]}
    published["evaluations"] = [{"steps": 300, "dev_bits": 2.2}, {"steps": 600, "dev_bits": 2.3}]
    first, other = [{"steps": 300, "dev_bits": 2.21}], [{"steps": 300, "dev_bits": 2.4}]
    assert compared([published | {"evaluations": first}], [published]).share == 1
    assert compared([published | {"evaluations": other}], [published]).share == 0
    assert compared([published | {"evaluations": []}], [published]).share == 0
    assert compared([published | {"evaluations": first, "order": [3]}], [published]).share == 0


def test_answers_of_a_model_from_nothing_are_lines_to_the_test_questions_scored_as_now():
    """Its slice stops before there are answers: that takes the whole training."""
    experiment, published = provenance.module_of("scratch"), results_of("scratch") / "predictions.jsonl"
    asked = {one["id"]: one for one in answerable("test", experiment.SETTINGS.test_items)}
    rows = [row for row in read_predictions(published) if "wording" in row]
    for wording, seed in product(("direct", "paraphrase"), experiment.SETTINGS.seeds):
        part = [row for row in rows if row["wording"] == wording and row["arm"].seed == seed]
        assert [row["id"] for row in part] == list(asked)
    for row in rows:
        assert "\n" not in row["answer"] and row["correct"] == holds(row["answer"], asked[row["id"]]["accept"])


# At this learning rate the fewest bits come before the last step.
FROM_NOTHING = """
from kit.environment import use_local_models
use_local_models()
import json
from dataclasses import replace
from scratch.experiment import TINY, Company
company, learning_rate = Company(replace(TINY, evaluate_every=1)), 0.1
rows = [row for row in company.on_test(learning_rate, 0) if "wording" in row]
trained, arm = company.trained(learning_rate, 0), company.arm(learning_rate, 0)

def answered(weights):
    trained.loaded.model.load_state_dict(weights)
    return [row for wording in ("direct", "paraphrase") for row in company.answers(arm, trained.loaded, wording)]

texts = [[row["answer"] for row in some] for some in (rows, answered(trained.best), answered(trained.last))]
print(json.dumps(texts))
"""


def test_a_model_from_nothing_answers_with_its_last_weights():
    """These know best the text that it was trained on; the bits are those of the best."""
    written, by_best, by_last = json.loads(run_code(FROM_NOTHING, OMP_NUM_THREADS="1"))
    assert written == by_last != by_best


@pytest.mark.parametrize(("name", "model"), WITH_MODEL)
def test_published_figures_follow_from_the_predictions(name, model, tmp_path):
    results = results_of(name, model)
    write_report(name, tmp_path, read_predictions(results / "predictions.jsonl"))
    for file, text in files_in(tmp_path).items():
        assert text == (results / file).read_text(encoding="utf-8"), (
            f"{file} in {results} is not what the predictions give: "
            f"`make experiments only='{name} --report --model {model}'`."
        )
    kept = {file.name for file in results.iterdir() if file.is_file()} - {"predictions.jsonl", "provenance.json"}
    left = kept - set(files_in(tmp_path)) - OF_BOTH_MODELS
    assert not left, f"{results} has {', '.join(sorted(left))}, which the report no longer writes: delete it."
    if model == SMOLLM2.key:  # of the larger model less is there to read
        assert RESULTS_READ - {name} == set(reads_of(name)), f"{name}/report.py declares in READS what it does not read"


def test_every_table_and_plot_is_shown_on_a_page():
    shown = "".join(page.read_text(encoding="utf-8") for page in (ROOT / "docs").rglob("*.md"))
    folders = [results_of(name, model) for name, model in WITH_MODEL]
    made = [file for folder in folders for file in folder.iterdir() if file.suffix in (".md", ".svg")]
    unread = {file.relative_to(ROOT).as_posix() for file in made} - set(re.findall(r'^--8<-- "([^"]+)"', shown, re.M))
    assert not unread, f"No page shows {', '.join(sorted(unread))}: stop writing it in the report, and delete it."


@pytest.mark.parametrize(("name", "model"), WITH_MODEL)
def test_published_results_are_not_stale(name, model):
    before = provenance.inputs_in(results_of(name, model))
    changed = provenance.changed(inputs_of(name, model), before)
    assert not changed, (
        f"{name} is stale: {', '.join(changed)} changed since. Run `make experiments only='{name} --model {model}'`."
    )
    assert is_whole(name, model) and not (results_of(name, model) / "unfinished").exists()


@pytest.mark.parametrize(
    ("part", "value", "said"),
    [
        ("version", "another", ["version"]),
        ("data", "0" * 64, ["data"]),
        ("weights", {}, ["weights"]),
        ("pins", {"torch": "1.0"}, ["pins"]),
        ("settings", {"seeds": [7], "new": 1}, ["the setting 'model'", "the setting 'new'", "the setting 'seeds'"]),
    ],
)
def test_a_result_is_stale_by_each_of_its_inputs(part, value, said):
    now = inputs_of("trust")
    before = now | {part: (now["settings"] | value if part == "settings" else value)}
    if part == "settings":
        del before["settings"]["model"]
    assert provenance.changed(now, before) == said


def test_a_result_is_not_stale_by_the_place_of_its_data(tmp_path):
    names = provenance.module_of("trust").DATA
    moved = tuple(tmp_path / f"{number}.jsonl" for number in range(len(names)))
    for file, copy in zip(names, reversed(moved), strict=True):
        copy.write_bytes(file.read_bytes())
    assert provenance.data_digest(moved) == provenance.data_digest(names)
    with moved[0].open("a", encoding="utf-8") as file:
        file.write("{}\n")
    assert provenance.data_digest(moved) != provenance.data_digest(names)


@pytest.mark.parametrize(("name", "model"), WITH_MODEL)
def test_every_prediction_carries_its_arm(name, model):
    for row in read_lines(results_of(name, model) / "predictions.jsonl"):
        arm = Arm(**row["arm"])
        assert arm.as_dict() == row["arm"] and arm.method and arm.model


def test_no_experiment_imports_another():
    for file in EXPERIMENTS.rglob("*.py"):
        own = file.relative_to(EXPERIMENTS).parts[0]
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            imported = [node.module] if isinstance(node, ast.ImportFrom) else []
            imported += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            others = {(module or "").split(".")[0] for module in imported} & set(NAMES) - {own}
            assert not others, (
                f"{file.relative_to(ROOT)} imports {others.pop()}: what both need belongs in tasks/ or kit/."
            )


def reads_of(name: str) -> tuple[str, ...]:
    """The experiments whose results a report declares that it reads."""
    return getattr(importlib.import_module(f"{name}.report"), "READS", ())


def test_a_report_that_reads_another_experiment_without_saying_so_writes_nothing(tmp_path, monkeypatch):
    report = importlib.import_module("behaviour.report")
    monkeypatch.setattr(report, "measure", lambda rows: report.classified())
    monkeypatch.setattr(report, "READS", ())
    with pytest.raises(SystemExit, match=r"^behaviour/report\.py reads results of labelling, not in its READS: "):
        write_report("behaviour", tmp_path, [])
    assert not list(tmp_path.iterdir())


def test_no_report_reads_results_but_through_the_kit_which_notes_whose_they_are():
    for file in [*EXPERIMENTS.glob("*/report.py"), *EXPERIMENTS.glob("tasks/*.py")]:
        other = re.search(r"\bread_lines\b|\bread_text\b|\bopen\(|\bjson\b", file.read_text(encoding="utf-8"))
        assert not other, f"{file.relative_to(ROOT)} has {other[0]!r}: read predictions with kit.rows.read_predictions."


def test_what_is_read_without_being_declared_stops_a_run(tmp_path, monkeypatch):
    from run import make_predictions

    experiment = provenance.module_of("waiting")
    monkeypatch.setenv("EXPERIMENT_CACHE", str(tmp_path))
    monkeypatch.setattr(experiment, "DATA", experiment.DATA[:1])
    monkeypatch.setattr(experiment, "timed", lambda settings, items: experiment.training_examples() and [])
    with pytest.raises(SystemExit, match=r"waiting reads experiments/tasks/data/messages_train\.jsonl"):
        make_predictions("waiting", experiment, experiment.TINY)


def test_the_hybrid_takes_the_learning_rate_that_dev_chose_for_the_facts():
    chosen = json.loads((results_of("knowledge") / "metrics.json").read_text(encoding="utf-8"))["chosen"]
    settings = provenance.module_of("hybrid").SETTINGS
    assert settings.facts_learning_rate == chosen["fine-tuned on facts, four wordings"]["learning rate"]


def test_the_narrow_judge_of_abstentions_takes_nothing_that_the_package_does_not():
    answers = {row["answer"] for row in read_predictions(results_of("hybrid") / "predictions.jsonl") if "answer" in row}
    narrow = {answer for answer in answers if says_not_there(answer)}
    assert narrow and narrow <= {answer for answer in answers if abstains(answer)}
    assert not says_not_there("The Dray is not available on Wednesdays.")


def test_another_model_gets_learning_rates_of_its_own_everywhere():
    for name in NAMES:
        settings = provenance.module_of(name).SETTINGS
        other = for_model(settings, QWEN2.key)
        assert other.model == QWEN2.key and for_model(settings, SMOLLM2.key) == settings
        was, now = (json.dumps(provenance.plain(one)) for one in (settings, other))
        of_any_model = {one.name for one in fields(settings) if one.metadata == OF_ANY_MODEL}
        found = re.findall(r'"(\w*learning_rate\w*)": (?!0\.0[,}]|\d+[,}])', was)
        for field in [one for one in found if one not in of_any_model]:
            pattern = rf'"{field}": (\[[^\]]*\]|[\d.e-]+)'
            for before, after in zip(re.findall(pattern, was), re.findall(pattern, now), strict=True):
                old, new = (json.loads(text) for text in (before, after))
                pairs = zip(*(one if isinstance(one, list) else [one] for one in (old, new)), strict=True)
                assert all(b == pytest.approx(a * QWEN2.learning_rate_scale) for a, b in pairs), (name, field)


def test_the_learning_rates_of_what_is_no_generator_stay_with_any_model():
    """The embedder and the model trained from scratch are the same, whichever generator they stand beside."""
    for name, field in (("retrieval", "embedder_learning_rates"), ("scratch", "custom_learning_rates")):
        settings = provenance.module_of(name).SETTINGS
        assert getattr(for_model(settings, QWEN2.key), field) == getattr(settings, field)


def test_no_setting_of_an_experiment_calls_a_learning_rate_a_rate():
    """A rate is a share of items, and settings are published: a second meaning would be misread there."""
    for name in NAMES:
        text = json.dumps(provenance.plain(provenance.module_of(name).SETTINGS))
        short = [field for field in re.findall(r'"(\w+)":', text) if re.search(r"(?<!learning_)rates?(_|$)", field)]
        assert not short, f"{name}: {short}"


PROMPTS = """
from kit.environment import use_local_models
use_local_models()
import json
from kit.model import chat, tokenizer_of
from kit.training import NO_LABEL, encode
tokenizer, prompt = tokenizer_of("smollm2-135m"), chat("smollm2-135m", "Hi", "Be brief.", [("A?", "B.")])
((ids, labels),) = encode(tokenizer, [(prompt, "Yes.")])
learned, read = (tokenizer.decode(ids[labels != NO_LABEL]), tokenizer.decode(ids[labels == NO_LABEL]))
print(json.dumps([prompt, chat("smollm2-135m", "Hi"), learned, read, tokenizer.eos_token]))
"""


def run_code(code: str, **env: str) -> str:
    """What code prints that imports from below experiments/, in a process that finds the laid-out models."""
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, cwd=EXPERIMENTS, env=os.environ | env, capture_output=True, encoding="utf-8")
    assert result.returncode == 0, result.stderr[-3000:]
    return result.stdout


def test_prompts_have_the_models_own_format_and_end():
    prompt, bare, learned, read, end = json.loads(run_code(PROMPTS))
    turns = ["system\nBe brief.", "user\nA?", "assistant\nB.", "user\nHi"]
    assert prompt == "".join(f"<|im_start|>{turn}<|im_end|>\n" for turn in turns) + "<|im_start|>assistant\n"
    assert bare == "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n", "no system prompt of the template's own"
    assert (learned, read) == (f"Yes.{end}", prompt)


@pytest.mark.parametrize("name", ["SMOLLM2", "QWEN2"])
def test_the_weights_are_those_that_are_laid_out(name):
    laid_out = (ROOT / "scripts" / "lay_out_models.py").read_text(encoding="utf-8")
    model = {"SMOLLM2": SMOLLM2, "QWEN2": QWEN2}[name]
    assert f'{name} = "{model.name}"' in laid_out and f'{name}_TENSORS = "{model.sha256}"' in laid_out
    assert MODELS[model.key] is model


def test_an_answer_may_hold_what_ends_lines_elsewhere(tmp_path):
    rows = [
        {"id": str(number), "answer": f"one{end}two"} for number, end in enumerate("\n\r\u2028\u2029\x85\x0b\x0c\x1e")
    ]
    write_rows(tmp_path / "predictions.jsonl", rows)
    assert read_predictions(tmp_path / "predictions.jsonl") == rows


def test_a_unit_of_work_is_done_once(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPERIMENT_CACHE", str(tmp_path))
    done, arm = [], Arm(method="lora", model=SMOLLM2.key, learning_rate=1e-3, seed=0)

    def make() -> list[dict]:
        done.append(1)
        return [{"arm": arm, "id": "q1", "correct": True}]

    first, again = (Work("trust", inputs_of("trust")) for _ in range(2))
    assert first.unit("arm/seed 0", make) == again.unit("arm/seed 0", make)
    assert len(done) == 1 and again.rows[0]["arm"] == arm
    with pytest.raises(RuntimeError):
        again.unit("arm/seed 1", lambda: (_ for _ in ()).throw(RuntimeError("killed")))
    assert [file.name for file in again.folder.iterdir()] == ["arm--seed 0.jsonl"]
    assert Work("trust", inputs_of("trust") | {"version": "another"}).unit("arm/seed 0", make) and len(done) == 2


def test_the_units_of_an_unfinished_run_outlive_the_cache_until_the_whole_stands(tmp_path, monkeypatch):
    cache, results = tmp_path / "cache", tmp_path / "results"
    monkeypatch.setenv("EXPERIMENT_CACHE", str(cache))
    inputs, done = inputs_of("trust"), []

    def make() -> list[dict]:
        done.append(1)
        return [{"arm": Arm(method="lora", model=SMOLLM2.key, seed=0), "id": "q1", "correct": True}]

    Work("trust", inputs).unit("made before", make)  # by a run that kept nothing
    first = Work("trust", inputs, results=results)
    rows = first.unit("arm/seed 0", make)
    assert {file.name for file in results.rglob("*.jsonl")} == {"made before.jsonl", "arm--seed 0.jsonl"}
    shutil.rmtree(cache)
    again = Work("trust", inputs, results=results)
    assert again.unit("arm/seed 0", make) == rows and len(again.costs()) == 2 and len(done) == 2
    other = Work("trust", inputs | {"version": "another"}, results=results)
    assert other.unit("arm/seed 0", make) == rows and len(done) == 3, "of other inputs nothing is taken"
    (results / "provenance.json").write_text(json.dumps({"inputs": inputs}), encoding="utf-8")
    again.whole()
    assert not (results / "unfinished").exists()
    Work("trust", inputs, results=results).unit("arm/seed 0", make)
    assert not (results / "unfinished").exists(), "what is whole needs no units beside it"


def test_a_run_says_beforehand_how_long_what_is_left_will_take(tmp_path):
    def told(*more: str) -> list[str]:
        command = [sys.executable, RUN, "trust", "voice", "--left", "--results", tmp_path / "results", *more]
        env = os.environ | {"EXPERIMENT_CACHE": str(tmp_path / "cache")}
        return subprocess.run(command, env=env, capture_output=True, encoding="utf-8").stdout.splitlines()

    small, larger = told(), told("--larger")
    hours = [[float(re.search(r"about ([\d.]+) hours", line)[1]) for line in lines] for lines in (small, larger)]
    assert [line.split(":")[0] for line in small] == ["trust", "voice", SMOLLM2.key]
    assert larger[0].startswith("trust: 0 units are done; ") and larger[-1].startswith(QWEN2.key)
    assert all(more > less for less, more in zip(*hours, strict=True))
    digest = provenance.digest_of(inputs_of("voice"))[:16]
    write_rows(tmp_path / "cache" / "voice" / digest / "unit.jsonl", [{"seconds": 3600.0, "peak_mb": 1}])
    now = told()
    assert now[1].startswith("voice: 1 units are done") and now[0] == small[0] and now[1] != small[1]
    assert [file.name for file in (tmp_path / "results").rglob("*.jsonl")] == ["unit.jsonl"]


def test_answers_that_agree_within_a_unit_do_not_narrow_the_interval():
    units = [{"unit": str(number), "correct": number % 2 == 0} for number in range(20)]
    once, ten_times = (clustered_share(rows, "correct", "unit") for rows in (units, units * 10))
    assert (once["share"], once["low"], once["high"]) == (ten_times["share"], ten_times["low"], ten_times["high"])
    assert once["low"] < 0.35 and once["high"] > 0.65
    none = clustered_share([row | {"correct": False} for row in units * 10], "correct", "unit")
    assert none["low"] == 0 and none["high"] > 0.1, "nothing seen among twenty is not nothing"


ADAPTER = """
from kit.environment import use_local_models
use_local_models()
from dataclasses import replace
from kit.model import load, with_lora
from tasks.facts import FOUR_WORDINGS, FactsTraining
trained = []
def train(self):
    trained.append(self.seed)
    return with_lora(load(self.model), self.rank, self.seed), {"losses": [1.5]}
FactsTraining.train = train
training = replace(FOUR_WORDINGS, learning_rate=2e-3, seed=1)
reports = [one.train_or_load()[1] for one in (training, training, replace(training, seed=2))]
print(trained, reports == [{"losses": [1.5]}] * 3)
"""


def test_a_kept_adapter_says_what_it_is_and_is_trained_once(tmp_path):
    assert run_code(ADAPTER, EXPERIMENT_CACHE=str(tmp_path)) == "[1, 2] True\n", "another seed is another model"
    card = next(tmp_path.glob("artefacts/*/README.md")).read_text(encoding="utf-8")
    for text in ["facts-4-wordings", f"`{SMOLLM2.name}`", "rank 8", '"learning_rate": 0.002', "CC0", "Not for use"]:
        assert text in card
    assert "More Information Needed" not in card


def test_experiments_take_the_weights_laid_out_here_whatever_is_exported(monkeypatch):
    for name in ("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "SENTENCE_TRANSFORMERS_HOME"):
        monkeypatch.setenv(name, "/other/weights")
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "true")
    use_local_models()
    assert "/other/weights" not in os.environ.values()
    assert os.environ["HF_HOME"] == str(HF_HOME) and os.environ["HF_HUB_OFFLINE"] == "1"


def test_a_result_records_versions_that_do_not_make_it_stale(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPERIMENT_CACHE", str(tmp_path))
    made = provenance.provenance(Work("scratch", inputs_of("scratch")), "")["versions"]
    assert {*provenance.LIBRARIES, *provenance.ALSO_RECORDED, "python"} == set(made)
    assert not set(provenance.ALSO_RECORDED) & set(provenance.pins()), "A new pin would make every result stale."


def test_a_library_that_only_some_experiments_use_makes_their_results_stale():
    assert list(inputs_of("trust")["pins"]) == list(provenance.LIBRARIES)
    assert list(inputs_of("retrieval")["pins"]) == [*provenance.LIBRARIES, "bm25s", "markdown-it-py", "datasets"]
    with pytest.raises(KeyError):  # a library without a pin would make nothing stale
        provenance.pins(("no-such-library",))


def perturbed(metrics, change):
    """Metrics in which each rate is changed."""
    if not isinstance(metrics, dict):
        return metrics
    if {"share", "low", "high"} <= metrics.keys():
        return metrics | {"share": change(metrics)}
    return {name: perturbed(value, change) for name, value in metrics.items()}


def metrics_of(name: str) -> dict:
    """The published metrics of an experiment."""
    return json.loads((results_of(name) / "metrics.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_rerun_that_repeats_agrees_and_so_does_one_within_the_intervals(name):
    metrics = metrics_of(name)
    assert not judge(metrics, metrics)[0]
    assert not judge(metrics, perturbed(metrics, lambda one: one["low"] + 0.01))[0]


def test_a_rerun_differs_when_one_rate_is_far_off_or_many_are_a_little_or_any_is_missing():
    metrics = metrics_of("knowledge")
    far, gone = (json.loads(json.dumps(metrics)) for _ in range(2))
    far["arms"]["retrieval"]["direct"]["share"] = 0.95
    differs, report = judge(metrics, far)
    assert differs and "| arms / retrieval / direct | " in report and "| 95.0% | **differs** |" in report
    del gone["arms"]["retrieval"]
    assert judge(metrics, gone)[0]
    differs, report = judge(metrics, perturbed(metrics, lambda one: min(1, one["high"] + 0.001)))
    assert differs and ", 0 of them also outside" in report, "each of them alone might be chance"
    one_off = json.loads(json.dumps(metrics))
    one_off["arms"]["retrieval"]["direct"]["share"] = metrics["arms"]["retrieval"]["direct"]["high"] + 0.005
    assert not judge(metrics, one_off)[0]
    scratch = metrics_of("scratch")
    bits, larger = (json.loads(json.dumps(scratch)) for _ in range(2))
    bits["arms"]["from scratch"]["bits per byte"][0] *= 1.03
    larger["arms"]["from scratch"]["parameters"] += 1
    assert judge(scratch, bits)[0] and judge(scratch, larger)[0]


def test_compare_reads_what_a_run_wrote(tmp_path):
    (tmp_path / "trust").mkdir()
    command = [sys.executable, COMPARE, "trust", "--with", tmp_path]
    nothing = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert nothing.returncode == 2 and "run.py trust --results" in nothing.stderr and not nothing.stdout
    rows = read_predictions(results_of("trust") / "predictions.jsonl")
    write_rows(tmp_path / "trust" / "predictions.jsonl", rows)
    write_report("trust", tmp_path / "trust", rows)
    assert subprocess.run(command, capture_output=True).returncode == 0
    write_report("trust", tmp_path / "trust", [row | {"obeyed": not row["obeyed"]} for row in rows])
    differs = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert differs.returncode == 1 and differs.stdout.startswith("## trust\n\n**Differs**: ")


def test_the_weekly_check_runs_every_experiment():
    weekly = (WORKFLOWS / "weekly.yml").read_text(encoding="utf-8")
    listed = re.search(r"^ +experiment: \[(.+?)\]", weekly, re.MULTILINE | re.DOTALL)[1]
    assert [name.strip() for name in listed.split(",")] == NAMES, "weekly.yml lists the experiments by name."


def weekly_step(name: str) -> str:
    """What a step of the weekly rerun runs."""
    steps = yaml.safe_load((WORKFLOWS / "weekly.yml").read_text(encoding="utf-8"))["jobs"]["experiments"]["steps"]
    return next(step["run"] for step in steps if step.get("name") == name)


def do_step(name: str, experiment: str, runner) -> int:
    """Run a step of the weekly rerun as a runner does, with this folder for what it keeps; its exit code."""
    env = os.environ | {"NAME": experiment, "RUNNER_TEMP": str(runner), "GITHUB_OUTPUT": str(runner / "output")}
    script = weekly_step(name).replace(".venv/bin/python", sys.executable)
    return subprocess.run(["bash", "-e", "-c", script], cwd=ROOT, env=env, capture_output=True).returncode


def test_the_weekly_rerun_starts_from_nothing_and_is_judged_by_the_intervals(tmp_path):
    run = weekly_step("Run it from nothing")
    assert 'experiments/run.py "$NAME" --results "$RUNNER_TEMP/rerun"' in run, "beside it stand unfinished units"
    weekly = (WORKFLOWS / "weekly.yml").read_text(encoding="utf-8")
    assert "git diff" not in weekly, "No table is the same on another processor."
    assert do_step("See whether it was published", "trust", tmp_path) == 0
    assert (tmp_path / "output").read_text(encoding="utf-8") == "found=true\n"
    rows = read_predictions(results_of("trust") / "predictions.jsonl")
    (tmp_path / "rerun" / "trust").mkdir(parents=True)
    for made, code, said in [
        (None, 2, "There is no "),
        (rows, 0, "**Agrees**: "),
        ([row | {"obeyed": not row["obeyed"]} for row in rows], 1, "**Differs**: "),
    ]:
        if made:
            write_report("trust", tmp_path / "rerun" / "trust", made)
        assert do_step("Judge it by the published intervals", "trust", tmp_path) == code
        assert do_step("Write the report", "trust", tmp_path) == 0
        report = (tmp_path / "report" / "report.md").read_text(encoding="utf-8")
        assert report.startswith(f"## trust\n\n{said}") and report.count("## trust") == 1
    assert "| **differs** |" in report


def test_the_weekly_rerun_of_what_is_not_published_is_left_out_and_says_so(tmp_path):
    assert do_step("See whether it was published", "nonesuch", tmp_path) == 0
    assert not (tmp_path / "output").exists(), "what follows it waits for its word"
    steps = yaml.safe_load((WORKFLOWS / "weekly.yml").read_text(encoding="utf-8"))["jobs"]["experiments"]["steps"]
    waiting = [step["name"] for step in steps if step.get("if") == "${{ steps.published.outputs.found == 'true' }}"]
    assert waiting == ["Lay out the models", "Run it from nothing", "Judge it by the published intervals"]
    assert do_step("Write the report", "nonesuch", tmp_path) == 0
    report = (tmp_path / "report" / "report.md").read_text(encoding="utf-8")
    assert report.startswith("## nonesuch\n\nNothing is published of it yet")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonesuch"], "There is no experiment 'nonesuch'. There are: "),
        (["trust", "--model", "nonesuch"], "There is no model 'nonesuch'. There are: "),
        (["trust", "--slice"], "A trial run would overwrite the results: "),
    ],
)
def test_a_wrong_argument_gets_one_sentence(arguments, said):
    result = subprocess.run([sys.executable, RUN, *arguments], capture_output=True, encoding="utf-8")
    assert result.returncode == 1
    assert result.stderr.startswith(said)
    assert len(result.stderr.splitlines()) == 1


def test_a_poisoned_passage_is_in_each_place_equally_often_whatever_it_says():
    from trust.experiment import drawn_places, with_poisoned

    kinds = ["order", "lie", "policy"] * 21
    places = drawn_places(kinds, 3, seed=0)
    for kind in set(kinds):
        drawn = [place for one, place in zip(kinds, places, strict=True) if one == kind]
        assert sorted(drawn) == sorted([0, 1, 2] * 7)
        assert drawn != sorted(drawn) and drawn != [0, 1, 2] * 7, "not at random"
    assert drawn_places(kinds, 3, seed=1) != places == drawn_places(kinds, 3, seed=0)
    assert [with_poisoned(["a", "b"], "x", place) for place in range(3)] == [
        ["x", "a", "b"],
        ["a", "x", "b"],
        ["a", "b", "x"],
    ]


def test_the_poisoned_passage_was_read_in_the_place_drawn_for_it():
    rows = read_predictions(results_of("trust") / "predictions.jsonl")
    attacked = [row for row in rows if row["state"] == "attacked" and row["arm"].defence == "none"]
    assert {row["place"] for row in attacked} == {1, 2}, "every poisoned passage is read, first or second"
    assert all(row["place"] is None for row in rows if row["state"] == "clean")


def test_the_second_labels_agree_as_often_as_the_page_says():
    from kit.paths import TASK_DATA
    from kit.statistics import proportion

    first = {row["id"]: row for row in read_lines(TASK_DATA / "messages_test_more.jsonl")}
    second = read_lines(TASK_DATA / "messages_second_labels.jsonl")
    same = proportion(
        [
            all(row[field].lower() == first[row["id"]][field].lower() for field in ("team", "urgency", "product"))
            for row in second
        ]
    )
    page = (ROOT / "docs" / "evidence" / "experiments.md").read_text(encoding="utf-8")
    assert f"labelled {same['n']} of the {len(first)} newer test messages" in page
    ends = f"{100 * same['low']:.0f} to {100 * same['high']:.0f}%"
    assert same["hits"] == same["n"] and f"agreed in all {same['hits']} (95% interval {ends})" in page


def test_the_scorers_own_error_on_the_page_is_that_of_the_judged_answers():
    from kit.paths import TASK_DATA
    from kit.statistics import proportion
    from rung.scoring import holds

    rows = read_lines(TASK_DATA / "judged_answers.jsonl")
    wrongly_scored = {}
    for scored in (True, False):
        part = [row for row in rows if row["scored"] is scored]
        assert all(holds(row["answer"], row["accept"]) is scored for row in part)
        wrongly_scored[scored] = proportion([row["judged"] is not scored for row in part])
    lenient, strict = wrongly_scored[True], wrongly_scored[False]
    page = (ROOT / "docs" / "evidence" / "experiments.md").read_text(encoding="utf-8")
    ends = f"95% interval {100 * lenient['low']:.0f} to {100 * lenient['high']:.0f}"
    assert f"Of {lenient['n']} answers that the program called correct, {lenient['hits']} were not ({ends})" in page
    assert strict["hits"] == 0 and f"Of {strict['n']} that it called incorrect, none was correct (0 to " in page
    assert f"(0 to {100 * strict['high']:.0f})" in page


def kinds_that_answered() -> dict[tuple[str, str, str], set[str]]:
    """Which kinds of model gave an answer that is published, by experiment, question and the answer's words."""
    kinds: dict[tuple[str, str, str], set[str]] = {}
    for name in ("hybrid", "knowledge", "trust"):
        for row in read_predictions(results_of(name) / "predictions.jsonl"):
            if "answer" in row:
                tuned = "facts" if row["arm"].trained_on == "facts" else "other tuned"
                kind = "base" if row["arm"].method == "prompt" else tuned
                kinds.setdefault((name, row["id"], row["answer"]), set()).add(kind)
    return kinds


def test_the_scorers_error_is_given_by_kind_of_model_and_what_gave_the_arm_away():
    from kit.paths import TASK_DATA

    rows, kinds = read_lines(TASK_DATA / "judged_answers.jsonl"), kinds_that_answered()
    page = (ROOT / "docs" / "evidence" / "experiments.md").read_text(encoding="utf-8")
    opened = sum(row["answer"].startswith("Hello from Harrowick") for row in rows)
    assert f"{opened} of the {len(rows)} answers open with “Hello from Harrowick”" in page
    lenient, gone = {"base": [], "facts": [], "other tuned": []}, 0
    for row in rows:
        # An experiment that was run anew may no longer give an answer that was judged.
        published = kinds.get((row["experiment"], row["id"], row["answer"]))
        gone += published is None
        assert published in (None, set(row["given_by"])), f"{row['id']}: {row['answer']}"
        for kind in row["given_by"] if row["scored"] else ():
            lenient[kind].append(not row["judged"])
    base, facts, other = (f"{sum(hits)} of {len(hits)}" for hits in lenient.values())
    assert f"{base} by the base model were not, {facts} by models fine-tuned on the facts, and {other} by the" in page
    assert f"{gone} of them were given by an earlier form of an arm" in page


def test_the_replies_in_house_style_that_were_read_are_all_that_count_and_are_told_as_judged():
    from hybrid import report
    from kit.paths import TASK_DATA
    from tasks import questions

    texts = {item["id"]: item for item in questions.answerable("test", None)}
    units: dict[str, list] = {}
    for row in read_predictions(results_of("hybrid") / "predictions.jsonl"):
        if row.get("wording") == "direct" and row["arm"].split == "test":
            units.setdefault(row["unit"], []).append(row)
    reading = report.TUNED["reading"]
    replies = {
        report.TUNED["reading in style"]: [row | report.judged(row, texts) for row in units["reading in style/seed 1"]],
        report.BY_CODE[report.ALONE]: report.by_code(units["instruction 0"], texts, report.styled),
        report.BY_CODE[reading]: report.by_code(units["reading/seed 1"], texts, report.styled),
    }
    read = read_lines(TASK_DATA / "judged_styled_replies.jsonl")
    told = []
    for arm, rows in replies.items():
        count = {(row["id"], row["answer"]) for row in rows if row["correct in style"]}
        judged = {(row["id"], row["answer"]): row["judged"] for row in read if row["arm"] == arm}
        assert judged.keys() == count, f"{arm}: not all replies that count were read, or others were"
        told += [len(judged), sum(not right for right in judged.values())]
    page = (ROOT / "docs" / "evidence" / "hybrid.md").read_text(encoding="utf-8")
    tuned, bad, alone, bad_alone, other, bad_other = told
    assert f"Of the {tuned} by the model trained in the style, {bad} were wrong" in page
    assert f"Of the code's {alone} around retrieval alone {bad_alone} were, and of its {other} around" in page
    assert f"around the model trained without the style {bad_other}. " in page
