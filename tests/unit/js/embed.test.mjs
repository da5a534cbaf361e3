// How an answer is cut before it is compared by meaning: into sentences, and those into word pieces. That the pieces and
// vectors are those of the Python model is tested in tests/browser/test_meaning_score.py.

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { partsOf, verdictOf } from "../../../docs/assets/tools/embed/meaning_score.js"
import { Tokenizer } from "../../../docs/assets/tools/embed/tokenizer.js"

const vocabulary = readFileSync(new URL("../../../scripts/minilm_vocab.txt", import.meta.url), "utf8")
const tokenizer = new Tokenizer(vocabulary)
const pieces = vocabulary.trimEnd().split("\n")
const cut = (text, limit) =>
  tokenizer
    .encode(text, limit)
    .map((id) => pieces[id])
    .join(" ")

test("each sentence is compared, and each two that follow one another", () => {
  assert.deepEqual(partsOf("Cut at headings. Cite it!  Then?"), [
    "Cut at headings.",
    "Cite it!",
    "Then?",
    "Cut at headings. Cite it!",
    "Cite it! Then?",
  ])
})

test("a line end ends a sentence, and a point inside a number does not", () => {
  assert.deepEqual(partsOf("- one\n\n- two 3.5 points"), ["- one", "- two 3.5 points", "- one - two 3.5 points"])
})

test("what says nothing is left out, and nothing is compared twice", () => {
  assert.deepEqual(partsOf(" … \n!!! ??\n\u200b"), [])
  assert.deepEqual(partsOf("No. No. No."), ["No.", "No. No."])
})

test("a very long answer is compared in its first part", () => {
  assert.ok(partsOf("no. ".repeat(50_000)).length <= 200)
  assert.ok(partsOf(Array.from({ length: 5000 }, (_, index) => `w${index}.`).join(" ")).length <= 200)
  assert.ok(partsOf("x".repeat(1_000_000)).every((part) => part.length <= 1000))
})

test("a similarity is covered, unsure or missed from its limits on", () => {
  const limits = { covered: 0.6, unsure: 0.4 }
  assert.deepEqual(
    [0.7, 0.6, 0.59, 0.4, 0.39, 0].map((one) => verdictOf(one, limits)),
    ["covered", "covered", "unsure", "unsure", "missed", "missed"],
  )
})

test("text comes out in pieces without accents and capitals, between a beginning and an end", () => {
  assert.equal(cut("Hello, World"), "[CLS] hello , world [SEP]")
  assert.equal(cut("Résumé ÀÉ"), "[CLS] resume ae [SEP]")
  assert.equal(cut("embeddings"), "[CLS] em ##bed ##ding ##s [SEP]")
  assert.equal(cut("日本"), "[CLS] 日 本 [SEP]")
  assert.equal(cut("[SEP] x"), "[CLS] [SEP] x [SEP]")
  assert.equal(cut(""), "[CLS] [SEP]")
  assert.equal(cut("a".repeat(101)), "[CLS] [UNK] [SEP]")
})

test("no more pieces than the model takes", () => {
  assert.equal(tokenizer.encode("word ".repeat(1000)).length, 256)
  assert.equal(cut("one two three four", 4), "[CLS] one two [SEP]")
})
