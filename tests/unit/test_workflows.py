"""The workflows publish from main alone and only what is green, write nothing else, and leave no test out."""

import copy
import re
import shlex
import subprocess
from fnmatch import fnmatch
from itertools import product

import pytest
import yaml

from scripts.paths import ROOT
from tests.site.test_recipes import problem_of_make

WORKFLOWS = {
    file.stem: yaml.safe_load(file.read_text(encoding="utf-8"))
    for file in sorted((ROOT / ".github" / "workflows").glob("*.y*ml"))
}
CI, WEEKLY = WORKFLOWS["ci"], WORKFLOWS["weekly"]
REQUIRED_CHECK = "all-green"
# What a job may write, beside which no other may write anything.
MAY_WRITE = {("ci", "deploy"): {"pages", "id-token"}, ("weekly", "report"): {"issues"}}
EVENTS = ["push", "pull_request", "workflow_dispatch", "schedule"]
REFS = ["refs/heads/main", "refs/heads/feature", "refs/heads/main-2", "refs/tags/main", "refs/pull/7/merge"]


def truth(expression: str, event: str, ref: str, fork: bool) -> bool:
    """What GitHub would make of a condition: the few operators and names that ours are written with."""
    text = expression.strip().removeprefix("${{").removesuffix("}}")
    text = text.replace("github.event_name", repr(event)).replace("github.event.repository.fork", repr(fork))
    text = re.sub(r"github\.ref\b(?!_)", repr(ref), text).replace("always()", "True").replace("cancelled()", "False")
    text = re.sub(r"!(?!=)", " not ", text.replace("&&", " and ").replace("||", " or "))
    return bool(eval(text, {"__builtins__": {}}))  # our own text, and no name is left in it


def lets_through(expression: str) -> set[tuple]:
    """Every event, ref and kind of repository for which a condition holds."""
    return {case for case in product(EVENTS, REFS, (False, True)) if truth(expression, *case)}


def publishes(job: dict) -> bool:
    """Whether a job can put something on the site."""
    uses = [step.get("uses", "") for step in job.get("steps", [])]
    can_write = (job.get("permissions") or {}).get("pages") == "write"
    return can_write or "environment" in job or any("deploy" in name.partition("@")[0] for name in uses)


def problems_of(workflow: dict) -> list[str]:
    """What lets a workflow publish more than a green main of this repository."""
    wanted = {case for case in product(EVENTS, REFS, (False,)) if case[0] != "pull_request" and case[1] == REFS[0]}
    jobs, found = workflow["jobs"], []
    for name, job in jobs.items():
        if not publishes(job):
            continue
        through = lets_through(job.get("if", "true").replace("true", "True"))
        found += [f"{name} publishes for {sorted(through - wanted)[0]}"] if through - wanted else []
        found += [f"{name} does not publish main"] if wanted - through else []
        missing = set(jobs) - {name, REQUIRED_CHECK} - set(job.get("needs", []))
        found += [f"{name} does not wait for {sorted(missing)}"] if missing else []
        steps = [step["uses"].split("@")[0] for step in job["steps"] if "uses" in step]
        found += [f"{name} does more than deploy: {steps}"] if steps != ["actions/deploy-pages"] else []
    return found


def problems_of_file(name: str, workflow: dict) -> list[str]:
    """What lets a workflow publish more than a green main, each problem with the file that it is in."""
    jobs = [job for job, said in workflow["jobs"].items() if publishes(said)]
    pushed = workflow[True].get("push", {"branches": ["main"]})  # YAML reads `on` as true
    found = [f"is started by a push to {pushed}"] if pushed != {"branches": ["main"]} else []
    if name == "ci":
        found += problems_of(workflow)
        built = lets_through(workflow["jobs"]["light"]["env"]["PUBLISH"])
        deployed = lets_through(workflow["jobs"]["deploy"].get("if", "True"))
        found += [f"PUBLISH and the job deploy differ for {sorted(built ^ deployed)[0]}"] if built ^ deployed else []
    elif jobs:
        found.append(f"{jobs} would publish beside ci.yml, from whatever branch starts it")
    return [f".github/workflows/{name}.yml: {problem}." for problem in found]


def test_only_a_green_main_of_this_repository_is_published():
    assert [name for name, job in CI["jobs"].items() if publishes(job)] == ["deploy"]
    problems = [problem for name, workflow in WORKFLOWS.items() for problem in problems_of_file(name, workflow)]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize(
    "condition", ["true", "${{ github.event_name == 'push' }}", "${{ github.ref != 'refs/heads/x' }}"]
)
def test_a_workflow_of_its_own_that_deploys_from_any_branch_is_told(condition):
    """Another file, with the same job under a looser condition: told by its job, and by the condition itself."""
    job = copy.deepcopy(CI["jobs"]["deploy"]) | {"if": condition}
    assert publishes(job)
    assert "publishes for" in "\n".join(problems_of({"jobs": {"deploy": job}}))


NOT_PULL, MAIN, NO_FORK = (
    "github.event_name != 'pull_request'",
    "github.ref == 'refs/heads/main'",
    "!github.event.repository.fork",
)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"if": None}, "publishes for"),
        ({"if": f"${{{{ {NOT_PULL} && {NO_FORK} }}}}"}, "refs/heads/feature"),
        ({"if": f"${{{{ {NOT_PULL} && {MAIN} }}}}"}, "'refs/heads/main', True"),
        ({"if": f"${{{{ {MAIN} && {NO_FORK} }}}}"}, "pull_request"),
        ({"if": f"${{{{ {NOT_PULL} || {MAIN} && {NO_FORK} }}}}"}, "publishes for"),
        ({"if": f"${{{{ always() && {NOT_PULL} }}}}"}, "publishes for"),
        ({"if": "${{ github.ref == 'refs/heads/master' }}"}, "does not publish main"),
        ({"needs": ["light", "test", "package"]}, "does not wait for ['lighthouse']"),
        ({"needs": None}, "does not wait for"),
        ({"steps": [{"run": "make build"}]}, "does more than deploy"),
    ],
)
def test_a_workflow_that_would_publish_more_is_told(changes, told):
    workflow = copy.deepcopy(CI)
    for key, value in changes.items():
        workflow["jobs"]["deploy"].pop(key)
        workflow["jobs"]["deploy"] |= {} if value is None else {key: value}
    assert told in "\n".join(problems_of(workflow))


def test_what_is_built_for_publishing_is_built_under_the_same_condition():
    light = CI["jobs"]["light"]
    steps = {step["name"]: step for step in light["steps"]}
    assert steps["Hand the site to the deployment"]["if"] == "${{ env.PUBLISH == 'true' }}"
    assert steps["Keep the site for reviewers"]["if"] == "${{ env.PUBLISH != 'true' }}"
    before = [step.get("run", "") for step in light["steps"]]
    handed_over = list(steps).index("Hand the site to the deployment")
    assert not any("lint" in run or "npm" in run for run in before[:handed_over]), "Linters could change the site."
    assert not any("cache" in (step.get("with") or {}) for step in light["steps"]), "A cache could change the site."


@pytest.mark.parametrize("name", WORKFLOWS)
def test_nothing_is_permitted_that_is_not_needed(name):
    workflow = WORKFLOWS[name]
    assert workflow["permissions"] == {}, "Each job says itself what it needs."
    assert set(workflow[True]) <= {"pull_request", "push", "workflow_dispatch", "schedule"}  # YAML reads `on` as true
    for job, said in workflow["jobs"].items():
        assert "permissions" in said, f"{name}.yml, {job}: say `permissions: {{}}`, or what it needs."
        writes = {what for what, how in said["permissions"].items() if how != "read"}
        assert writes == MAY_WRITE.get((name, job), set()), f"{name}.yml, {job} may write {writes}."
        if writes:
            assert not any("checkout" in step.get("uses", "") for step in said["steps"]), f"{job} runs our code."


def test_the_required_check_waits_for_every_job_and_passes_only_where_all_did():
    check = CI["jobs"][REQUIRED_CHECK]
    assert set(check["needs"]) == set(CI["jobs"]) - {REQUIRED_CHECK}
    assert check["if"] == "${{ always() }}"
    (step,) = check["steps"]
    asked = re.findall(r"needs\.([\w-]+)\.result", step["env"]["REQUIRED"])
    assert [*asked, "deploy"] == check["needs"]
    for results in product(["success", "failure", "cancelled", "skipped"], repeat=len(asked)):
        for deploy in ("success", "failure", "cancelled", "skipped"):
            env = {"REQUIRED": " ".join(results), "DEPLOY": deploy, "PATH": "/usr/bin:/bin"}
            if sum(result != "success" for result in (*results, deploy)) > 1:
                continue  # one at a time shows that each counts
            done = subprocess.run(["bash", "-e", "-c", step["run"]], env=env, capture_output=True)
            green = set(results) == {"success"} and deploy in ("success", "skipped")
            assert (done.returncode == 0) == green, f"{results}, deploy {deploy}: exit code {done.returncode}"


def parts() -> dict[str, list[str]]:
    """What each part of the tests is given."""
    return {part["part"]: shlex.split(part["only"]) for part in CI["jobs"]["test"]["strategy"]["matrix"]["include"]}


def test_every_file_of_tests_is_run_by_exactly_one_part():
    wrong = []
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        name = file.relative_to(ROOT).as_posix()
        runs = [
            part
            for part, words in parts().items()
            if any(name == word or fnmatch(name, f"{word}/*") for word in words if not word.startswith("--"))
            and f"--ignore={name}" not in words
        ]
        wrong += [f"{name}: {runs}"] if len(runs) != 1 else []
    assert not wrong, "\n".join(["In ci.yml, the job `test` should run each file in one part:", *wrong])
    for words in parts().values():
        for word in words:
            assert (ROOT / word.removeprefix("--ignore=")).exists(), f"ci.yml names {word}, which is not there."


def test_the_light_job_says_what_a_contributor_needs_first():
    runs = [step["run"] for step in CI["jobs"]["light"]["steps"] if "run" in step]
    assert runs == ["make vendor build", "make pages check=1", "make lint"]
    assert "needs" not in CI["jobs"]["light"] and "needs" not in CI["jobs"]["test"], "They run beside each other."


def scripts_of(workflow: dict) -> list[tuple[str, str]]:
    """Every line that a workflow runs, with the name of its job."""
    steps = [(job, step) for job, said in workflow["jobs"].items() for step in said["steps"]]
    return [(job, line) for job, step in steps for line in step.get("run", "").splitlines()]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_what_a_workflow_types_can_be_typed(name):
    wrong = []
    for job, line in scripts_of(WORKFLOWS[name]):
        for path in re.findall(r"(?<![\w/$}])((?:scripts|experiments|requirements|tests)/[\w./-]+\.\w+)", line):
            wrong += [] if (ROOT / path).is_file() else [f"{job}: there is no {path}"]
        for words in re.findall(r"^\s*make ([a-z][^>|;&]*)", line):
            targets = [word for word in shlex.split(words) if "$" not in word]
            wrong += [f"{job}: `make {words}`: {problem}" for problem in [problem_of_make(*targets)] if problem]
    assert not wrong, "\n".join([f"{name}.yml cannot run:", *wrong])


def test_a_program_is_run_weekly_from_its_address_and_compared():
    steps = {step["name"]: step.get("run", "") for step in WEEKLY["jobs"]["address"]["steps"]}
    run = steps["Run it as a reader would, and compare what it prints"]
    program = re.search(r"program=(\S+)", run)[1]
    metadata = (ROOT / f"{program}.py").read_text(encoding="utf-8").partition("# /// script")[2]
    assert re.search(r'^#     "\w+==', metadata, re.MULTILINE), "One without packages shows less."
    assert "torch" not in metadata, "Light: a weekly check of the promise, not of PyTorch's index."
    first, *_ = (ROOT / f"{program}.out").read_text(encoding="utf-8").splitlines()
    assert first == f"$ python {program.rpartition('/')[2]}.py", "One run, without arguments, is what is compared."
    assert 'uv run --no-project "http://' in run and 'diff - "$RUNNER_TEMP' in run


OF_UV = """\
Reading inline script metadata from `snippets/ladder/rag/answer_from_documents.py`
warning: Failed to hardlink files; falling back to full copy. This may lead to degraded performance.
Downloading torch (180.0MiB)
 Downloaded torch
Warning: You are sending unauthenticated requests to the HF Hub. Please set a HF_TOKEN to enable higher rate limits.
Installed 83 packages in 2.31s
"""


@pytest.mark.parametrize(
    "noise",
    [
        "",
        "A request was unauthenticated.\n",
        "/lib/site-packages/library.py:3: FutureWarning: `one` is deprecated.\n",
        "Loading weights: 100%|██████████| 272/272 [00:00<00:00, 972.45it/s]\n",
        "config.json:   0%|          | 0/612\rconfig.json: 100%|██████████| 612/612\n",
    ],
    ids=["none", "without a token", "of Python", "of weights", "of a download"],
)
def test_the_weekly_run_from_an_address_fails_where_something_is_written_beside_the_output(noise, tmp_path):
    steps = {step["name"]: step.get("run", "") for step in WEEKLY["jobs"]["address"]["steps"]}
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "run.log").write_bytes((OF_UV + noise).encode())
    run = steps["See that nothing is written beside the output"]
    env = {"PATH": "/usr/bin:/bin", "RUNNER_TEMP": str(tmp_path)}
    done = subprocess.run(["bash", "-e", "-c", run], env=env, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (int(bool(noise)), b"", b"")
    found = (tmp_path / "report" / "noise.txt").read_text(encoding="utf-8")
    assert found == noise.replace("\r", "\n")
    assert "tr '~' '-' < noise.txt" in steps["Write the report"]


def test_every_weekly_check_has_its_report_and_its_issue():
    jobs = WEEKLY["jobs"]
    checks = [one["check"] for one in jobs["report"]["strategy"]["matrix"]["include"]]
    assert checks == jobs["report"]["needs"] == [name for name in jobs if name != "report"]
    for name in checks:
        kept = [step["with"]["name"] for step in jobs[name]["steps"] if "upload-artifact" in step.get("uses", "")]
        assert [fnmatch(artifact, f"report-{name}*") for artifact in kept] == [True], f"{name} keeps {kept}."
        written = "\n".join(step.get("run", "") for step in jobs[name]["steps"])
        assert "report.md" in written, f"{name} writes no report.md."
