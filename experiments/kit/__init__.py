"""What every experiment is built from: paths, rows, arms, models, training, units of work, statistics, drawing."""

import sys
from pathlib import Path

# Statistics and scoring are those of the package in rung/, which need not be installed to run an experiment.
PACKAGE = str(Path(__file__).resolve().parent.parent.parent / "rung" / "src")
if PACKAGE not in sys.path:
    sys.path.insert(0, PACKAGE)
