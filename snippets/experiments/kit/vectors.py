"""The full width of the vectors of AMD processors, for the library that multiplies PyTorch's matrices.

MKL uses AVX-512 only where it takes the processor for Intel's, on others AVX2, which is half as wide. It asks a
function of its own; one of the same name that is loaded before it answers in its place, as PyTorch's packagers advise
(https://github.com/pytorch/builder/pull/1245). Without a compiler, or on another processor, all goes on as it did.
"""

import os
import shutil
import subprocess
from pathlib import Path

from kit.places import ROOT

LIBRARY = ROOT / ".cache" / "full_vectors.so"
SOURCE = "int mkl_serv_intel_cpu_true(void) { return 1; }\n"
PROCESSOR = Path("/proc/cpuinfo")  # Linux has it; elsewhere there is nothing to do


def in_use() -> bool:
    """Whether this process was started with the library."""
    return str(LIBRARY) in os.environ.get("LD_PRELOAD", "")


def environment() -> dict[str, str]:
    """What a process needs in its environment to use the full width; nothing where that cannot be had."""
    told = PROCESSOR.read_text(encoding="utf-8") if PROCESSOR.exists() else ""
    compiler = shutil.which("cc")
    if not ("AuthenticAMD" in told and " avx512f " in told and compiler):
        return {}
    if not LIBRARY.exists():
        LIBRARY.parent.mkdir(exist_ok=True)
        part = LIBRARY.with_name(f"{LIBRARY.name}.{os.getpid()}")
        command = [compiler, "-shared", "-fPIC", "-x", "c", "-", "-o", str(part)]
        if subprocess.run(command, input=SOURCE, text=True, capture_output=True, check=False).returncode:
            return {}
        part.replace(LIBRARY)
    return {"LD_PRELOAD": " ".join(filter(None, [str(LIBRARY), os.environ.get("LD_PRELOAD")]))}
