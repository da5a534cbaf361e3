"""Run a Python program with the full width of an AMD processor's vectors: `python scripts/full_vectors.py program ...`.

MKL, which multiplies PyTorch's matrices, uses AVX-512 only where it takes the processor for Intel's, on others AVX2,
which is half as wide. It asks a function of its own; one of the same name that is loaded before it answers in its
place, as PyTorch's packagers advise (https://github.com/pytorch/builder/pull/1245). On any other processor, and without
a compiler, the program runs as it would have.
"""

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

LIBRARY = Path(__file__).resolve().parent.parent / ".cache" / "full_vectors.so"
SOURCE = "int mkl_serv_intel_cpu_true(void) { return 1; }\n"
PROCESSOR = Path("/proc/cpuinfo")  # Linux has it; elsewhere there is nothing to do


@cache
def environment() -> dict[str, str]:
    """What a process needs in its environment for the full width; nothing where there is none to be had."""
    told = PROCESSOR.read_text(encoding="utf-8") if PROCESSOR.exists() else ""
    compiler = shutil.which("cc")
    apart = re.search(r"[\s:]", str(LIBRARY))  # in LD_PRELOAD either would end the path
    if not ("AuthenticAMD" in told and " avx512f " in told and compiler) or apart:
        return {}
    if not LIBRARY.exists():
        LIBRARY.parent.mkdir(exist_ok=True)
        part = LIBRARY.with_name(f"{LIBRARY.name}.{os.getpid()}")
        command = [compiler, "-shared", "-fPIC", "-x", "c", "-", "-o", str(part)]
        if subprocess.run(command, input=SOURCE, encoding="utf-8", capture_output=True, check=False).returncode:
            return {}
        part.replace(LIBRARY)
    before = [one for one in re.split(r"[\s:]+", os.environ.get("LD_PRELOAD", "")) if one not in ("", str(LIBRARY))]
    return {"LD_PRELOAD": " ".join([str(LIBRARY), *before])}


if __name__ == "__main__":
    os.execve(sys.executable, [sys.executable, *sys.argv[1:]], os.environ | environment())
