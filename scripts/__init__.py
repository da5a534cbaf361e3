"""What keeps the site: its generated pages, models, linters and measurements."""

import sys
from pathlib import Path

# Statistics, scoring and searching are those of the package in rung/, which need not be installed to run a script.
PACKAGE = str(Path(__file__).resolve().parent.parent / "rung" / "src")
if PACKAGE not in sys.path:
    sys.path.insert(0, PACKAGE)
