"""The adapter in the page: added to the model it gives the sums that Python gives, and it is the published one."""

import hashlib
import json
from pathlib import Path

import gguf
import numpy as np
import pytest
from gguf import GGMLQuantizationType as Kind
from gguf import quants

from scripts.pages.kept_answers import is_as, rows_of
from scripts.pages.rungs import ARMS
from scripts.paths import DOCS
from tests.unit.node import run_module

FOLDER = DOCS / "assets" / "tools" / "rungs"
RANK, ALPHA = 4, 8.0
SHAPES = {"blk.0.attn_q.weight": (64, 96), "blk.0.ffn_down.weight": (96, 32)}  # rows, width
UNTOUCHED = ("token_embd.weight", "output_norm.weight")
ADAPTED = """async ({ adapted }, { model, adapter, into }) => {
  const { readFileSync, writeFileSync } = await import("node:fs")
  const read = (path) => Uint8Array.from(readFileSync(path)).buffer
  writeFileSync(into, Buffer.concat(adapted(read(model), read(adapter))))
  return null
}"""
HALVES = "({ toHalf, fromHalf }, numbers) => numbers.map((one) => [toHalf(one), fromHalf(toHalf(one))])"


def write(path: Path, tensors: dict, **more) -> None:
    """A GGUF file with fields of several kinds, behind which the tensors must still be found."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_string("general.name", "räksmörgås")
    writer.add_array("tokenizer.ggml.tokens", ["a", "bc", ""])
    writer.add_array("tokenizer.ggml.scores", [0.5, 1.5])
    writer.add_bool("tokenizer.ggml.add_bos_token", False)
    writer.add_uint64("example.large", 2**40)
    for name, value in more.items():
        writer.add_float32(name.replace("_", "."), value)
    for name, (values, kind) in tensors.items():
        writer.add_tensor(name, quants.quantize(values, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def numbers_in(path: Path) -> dict[str, np.ndarray]:
    """The tensors of a GGUF file, as numbers."""
    return {one.name: quants.dequantize(one.data, one.tensor_type) for one in gguf.GGUFReader(path).tensors}


@pytest.fixture
def files(tmp_path):
    """A model of two matrices and what is not adapted, and an adapter for both matrices."""
    rng = np.random.default_rng(0)

    def drawn(*shape):
        return rng.normal(size=shape).astype(np.float32)

    model = {name: (drawn(*shape), Kind.Q4_1) for name, shape in SHAPES.items()}
    model |= {"token_embd.weight": (drawn(8, 64), Kind.Q8_0), "output_norm.weight": (drawn(33), Kind.F32)}
    thin = {}
    for name, (rows, width) in SHAPES.items():
        thin |= {f"{name}.lora_a": (drawn(RANK, width), Kind.F16), f"{name}.lora_b": (drawn(rows, RANK), Kind.F16)}
    write(tmp_path / "model.gguf", model)
    write(tmp_path / "adapter.gguf", thin, adapter_lora_alpha=ALPHA)
    return tmp_path


def test_the_sum_is_the_one_that_python_computes(files):
    paths = {"model": files / "model.gguf", "adapter": files / "adapter.gguf", "into": files / "sum.gguf"}
    run_module("write/adapt.js", ADAPTED, {name: str(path) for name, path in paths.items()})
    model, thin, found = (numbers_in(path) for path in paths.values())
    assert list(found) == list(model)
    for name in UNTOUCHED:
        assert (found[name] == model[name]).all()
    for name in SHAPES:
        wanted = model[name] + ALPHA / RANK * thin[f"{name}.lora_b"] @ thin[f"{name}.lora_a"]
        assert np.abs(found[name] - quants.dequantize(quants.quantize(wanted, Kind.Q8_0), Kind.Q8_0)).max() < 1e-2
        assert np.abs(found[name] - wanted).max() < np.abs(wanted).max() / 127
    name, tokens = (gguf.GGUFReader(paths["into"]).fields[key] for key in ("general.name", "tokenizer.ggml.tokens"))
    assert name.contents() == "räksmörgås" and tokens.contents() == ["a", "bc", ""]


@pytest.mark.parametrize(
    ("kind", "told"), [(Kind.Q5_1, "is of kind 7, which nobody reads here"), (Kind.Q8_0, "is of kind 8, not in 4 bits")]
)
def test_a_model_of_other_matrices_is_refused(files, kind, told):
    rng = np.random.default_rng(2)
    shape = SHAPES["blk.0.attn_q.weight"]
    write(files / "model.gguf", {"blk.0.attn_q.weight": (rng.normal(size=shape).astype(np.float32), kind)})
    paths = {"model": files / "model.gguf", "adapter": files / "adapter.gguf", "into": files / "sum.gguf"}
    with pytest.raises(AssertionError, match=told):
        run_module("write/adapt.js", ADAPTED, {name: str(path) for name, path in paths.items()})


def test_numbers_of_16_bits_are_numpys():
    rng = np.random.default_rng(1)
    numbers = [0.0, 1.0, 65504.0, 2**-14, 2**-24, 0.1, *np.exp(rng.uniform(-18, 11, size=500)).tolist()]
    wanted = np.array(numbers, np.float16)
    found = run_module("write/adapt.js", HALVES, numbers)
    assert [bits for bits, _ in found] == wanted.view(np.uint16).tolist()
    assert [value for _, value in found] == wanted.astype(float).tolist()


def test_the_published_adapter_is_whole_and_of_the_published_training():
    live = json.loads((FOLDER / "live.json").read_text(encoding="utf-8"))
    content = (FOLDER / live["adapter"]["name"]).read_bytes()
    assert live["adapter"] == live["adapter"] | {
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    again = "run `make record only=rungs`"
    assert is_as(live["arm"], ARMS["Fine-tuned on the facts"]), again
    assert live["arm"] in [row["arm"] for row in rows_of("knowledge", "135M")], again
    for wording, places in live["of"].items():
        recorded = json.loads((FOLDER / f"{wording}.json").read_text(encoding="utf-8"))
        assert set(places) == {one["id"] for one in recorded}, again
