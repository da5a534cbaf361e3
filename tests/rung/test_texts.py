"""Texts to label are embedded once: for all arms, all runs and each question, and what is cut is told."""

import tracemalloc

import numpy as np
import pytest
from rung.arms import Arm, Labelling
from rung.case import read_case
from rung.errors import ModelError
from rung.measure import Measurement
from rung.models import AnswerCache, CachedModel, LocalModel
from rung.texts import TextVectors

from tests.programs.families import FAMILIES, save
from tests.rung.cases import label_case
from tests.rung.counting import Counting


def test_each_text_is_embedded_once_whatever_asks_for_it(tmp_path, embedder):
    folder = label_case(tmp_path, "[model]\nmax_new_tokens = 2\n")
    model = LocalModel(str(save(FAMILIES["qwen2"], tmp_path / "model")))
    case, counting, told = read_case(folder), Counting(embedder), []
    measurement = Measurement(case, model, lambda *said: told.append(said))
    measurement.embedder = counting
    measurement.run()
    texts = {item.text for item in case.items}
    assert sorted(counting.asked) == sorted(texts), "each text of the case, once"
    assert ("Embedding texts", len(case.of("train")), len(case.of("train"))) in told
    lab = Labelling(
        read_case(folder), CachedModel(model, AnswerCache(tmp_path / "a.sqlite")), again := Counting(embedder)
    )
    for _ in range(2):
        assert lab.classified("vectors", ["Is it open?"]) and lab.nearest(["Is it open?"], 2)
    assert set(again.asked) == {"Is it open?"}, "only what nobody knew"


def test_kept_vectors_are_the_embedders_of_each_text_and_of_no_other_embedder(tmp_path, embedder):
    texts = [f"Text {number}" for number in range(700)] + ["Text 0"]
    own = TextVectors(embedder, tmp_path / "texts.sqlite", texts)
    first = own.of(texts)
    again = TextVectors(embedder, tmp_path / "texts.sqlite", texts).of(texts)
    assert np.array_equal(first, again) and np.array_equal(first[0], first[-1])
    assert np.allclose(first[[0, 350, 699]], embedder.queries(["Text 0", "Text 350", "Text 699"]), atol=1e-5)
    other = Counting(embedder)
    other.name = "another"
    TextVectors(other, tmp_path / "texts.sqlite", texts).of(texts[:2])
    assert other.asked == texts[:2]


def test_vectors_of_many_texts_are_in_memory_once(tmp_path, embedder):
    texts = [f"Text {number}" for number in range(3000)]
    vectors = np.random.default_rng(0).normal(size=(len(texts), 384)).astype(np.float32)
    kept = TextVectors(embedder, tmp_path / "texts.sqlite", texts)
    kept._keep(texts, vectors)  # as they were kept when they were embedded
    tracemalloc.start()
    read = kept.of(texts)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.array_equal(read, vectors)
    assert most < 1.6 * vectors.nbytes, "the matrix, and hashes of the texts"


def test_train_texts_are_read_once_for_all_that_is_asked_of_them(tmp_path, embedder):
    case = read_case(label_case(tmp_path, "[model]\nmax_new_tokens = 2\n"))
    lab = Labelling(case, CachedModel(LocalModel("none"), AnswerCache(tmp_path / "a.sqlite")), embedder)
    first = lab.nearest(["Is it open?"], 2)
    (tmp_path / ".rung" / "texts.sqlite").unlink()
    counting = Counting(embedder)
    lab._vectors.embedder = counting
    assert lab.nearest(["Is it open?"], 2) == first and counting.asked == ["Is it open?"]


def test_texts_longer_than_the_embedder_reads_are_told(tmp_path, embedder):
    long = "May I keep the atlas? " * 100
    rows = [(f"{long if at % 4 == 0 else 'May I keep it?'} Number {at}", "ab"[at % 2]) for at in range(40)]
    case = read_case(label_case(tmp_path, "[model]\nmax_new_tokens = 2\n", rows))
    lab = Labelling(case, CachedModel(LocalModel("none"), AnswerCache(tmp_path / "a.sqlite")), embedder)
    lab.predict(Arm("no model", "vectors"), case.of("test"))
    lab.find_cut()
    long_ones = [item for item in [*case.of("train"), *case.of("test")] if item.text.startswith(long)]
    (what,) = [one.what for one in case.findings if one.where == "embeddings"]
    assert what.startswith(f"{len(long_ones)} texts are longer than the {embedder.limit} tokens that")


def test_a_file_that_is_none_is_told(tmp_path, embedder):
    path = tmp_path / "texts.sqlite"
    path.write_bytes(b"not a database, and long enough to be read as one" * 20)
    with pytest.raises(ModelError, match=r"texts.sqlite cannot be used .*: make room, allow writing to it, or delete"):
        TextVectors(embedder, path, ["a"]).of(["a"])
