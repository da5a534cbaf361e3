"""Trained adapters that another step or experiment goes on from: trained once, then loaded by what made them."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from kit.model import Loaded, load, with_adapter
from kit.paths import cache
from kit.provenance import data_digest, digest_of, pins, weights_of

CARD = """---
base_model: {base}
library_name: peft
license: cc0-1.0
tags: [lora]
---

# {name}

A LoRA adapter of the guide's experiments, rank {rank}, made from `{base}` (Apache 2.0) as
`scripts/lay_out_models.py` lays it out. The data are messages, replies and facts of an invented company, Velmora Bikes;
no real person is in them. The code that trained it is MIT, the data CC0 1.0 (`LICENSE` and `LICENSE-CONTENT` in the
repository). What it was made from:

```json
{made_from}
```

Made to measure one thing, on a small model. Not for use outside the guide: nobody has checked what else it says.
"""


@dataclass(frozen=True)
class Artefact:
    """A trained adapter, named by what makes it: the training's settings, the data, the weights, the pins."""

    name: str
    model: str
    settings: object  # a dataclass
    data: tuple[Path, ...]

    @property
    def made_from(self) -> dict:
        """Everything that it depends on."""
        weights = weights_of(self.model)
        data = data_digest(self.data)
        return {"settings": asdict(self.settings), "data": data, "weights": weights, "pins": pins()}

    @property
    def folder(self) -> Path:
        """Where it is kept."""
        return cache() / "artefacts" / f"{self.name}-{digest_of(self.made_from)[:16]}"

    def train_or_load(self, make: Callable[[], tuple[Loaded, dict]]) -> tuple[Loaded, dict]:
        """The tuned model and what `make` reports of its training; made now where it was not made before.

        Of two processes that want it at once, the second waits.
        """
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{self.folder}.lock"):
            if not self.folder.exists():
                self.keep(*make())
        return self.load(), json.loads((self.folder / "training.json").read_text(encoding="utf-8"))

    def load(self) -> Loaded:
        """The base model with the kept adapter."""
        return with_adapter(load(self.model), self.folder)

    def keep(self, loaded: Loaded, report: dict) -> None:
        """Write a trained adapter, what is reported of its training and what made it: whole or not at all."""
        part = self.folder.with_name(f".{self.folder.name}.{os.getpid()}")
        loaded.model.save_pretrained(part)
        (part / "training.json").write_text(json.dumps(report), encoding="utf-8")
        card = CARD.format(
            base=loaded.spec.name,
            name=self.name,
            rank=loaded.model.peft_config["default"].r,
            made_from=json.dumps(self.made_from, indent=1),
        )
        (part / "README.md").write_text(card, encoding="utf-8")  # in place of the library's blank form
        shutil.rmtree(self.folder, ignore_errors=True)
        part.rename(self.folder)
