"""Measure the sample cases of rung and write their reports, which the page on measuring your own case shows.

`python scripts/measure_samples.py [folder]`. It takes some minutes a case, goes on where it was stopped when it is
given the same folder, and needs the models (`make models`). The page includes the fragment that is written here.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / "docs" / "assets" / "reports"
KINDS = ("answer", "label")
GUIDE = 'guide = "../../.."'  # from a report's place on the site, so that it links to the decision tool there
KEPT = ("report.html", "results.json")
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


def measured(kind: str, folder: Path) -> None:
    """Measure a sample case in a folder, and keep its report."""
    environment = os.environ | {
        "PYTHONPATH": str(ROOT / "rung" / "src"),
        "HF_HOME": str(ROOT / ".cache" / "huggingface"),
        "HF_HUB_OFFLINE": "1",
    }
    case = folder / kind
    if not case.exists():
        subprocess.run([sys.executable, "-m", "rung", "init", case, "--kind", kind], env=environment, check=True)
        first, *rest = (case / "case.toml").read_text(encoding="utf-8").splitlines()
        (case / "case.toml").write_text("\n".join([first, GUIDE, *rest, ""]), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "rung", "measure", case], env=environment, check=True)
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
