"""Measure the sample cases of rung, as they are, and write their reports: `make record only=reports`.

In docs/assets/reports: the report and the results of each, and `_shown.txt`, which the page on measuring your own case
includes. It takes some minutes a case, and goes on where it was stopped: answers are kept in .cache/sample-cases, or in
the folder that is named.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from scripts.paths import DOCS, ROOT

REPORTS = DOCS / "assets" / "reports"
SAMPLES = ROOT / "rung" / "src" / "rung" / "sample"
KINDS = ("answer", "label")
GUIDE = 'guide = "../../.."'  # from a report's place on the site, so that it links to the decision tool there
KEPT = ("report.html", "results.json")
ANSWERS = ".rung"  # where `rung measure` keeps them
SHOWN = """This is what it wrote for the sample case, as it came:

~~~markdown title="mycase/decision.md"
{decision}
~~~

The report beside it, `report.html`, is one file that holds everything: the plot, each comparison item by item, and \
the incorrect answers of each kind.

<iframe class="report" src="../../assets/reports/answer/report.html" title="The report on the sample case" \
loading="lazy" style="width: 100%; height: 34rem; border: 1px solid currentcolor"></iframe>

[Open the sample's report](../assets/reports/answer/report.html) · \
[the report on a labelling case](../assets/reports/label/report.html)
"""


def lay_out(kind: str, case: Path) -> None:
    """Put a sample case, as it is now, into a folder. Of what an earlier run left there, its answers stay."""
    for old in case.iterdir() if case.exists() else ():
        if old.is_file():
            old.unlink()
        elif old.name != ANSWERS:
            shutil.rmtree(old)
    shutil.copytree(SAMPLES / kind, case, dirs_exist_ok=True)
    first, *rest = (case / "case.toml").read_text(encoding="utf-8").splitlines()
    (case / "case.toml").write_text("\n".join([first, GUIDE, *rest, ""]), encoding="utf-8")


def measured(kind: str, folder: Path) -> None:
    """Measure a sample case in a folder, and keep its report."""
    case = folder / kind
    lay_out(kind, case)
    subprocess.run([sys.executable, "-m", "rung", "measure", case], check=True)
    (REPORTS / kind).mkdir(parents=True, exist_ok=True)
    for name in KEPT:
        shutil.copyfile(case / name, REPORTS / kind / name)


def main() -> None:
    """Measure both, and write the fragment."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".cache" / "sample-cases"
    folder.mkdir(parents=True, exist_ok=True)
    for kind in KINDS:
        measured(kind, folder)
    decision = (folder / "answer" / "decision.md").read_text(encoding="utf-8").strip()
    (REPORTS / "_shown.txt").write_text(SHOWN.format(decision=decision), encoding="utf-8")


if __name__ == "__main__":
    main()
