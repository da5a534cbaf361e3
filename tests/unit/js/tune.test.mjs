// What the page on training does without a page: it reads vectors, labels and pasted messages, and words its results. That
// it computes what Python computes is tested in tests/unit/test_tune.py.

import assert from "node:assert/strict"
import { test } from "node:test"
import { readVectors, trainHead } from "../../../docs/assets/tools/tune/training.js"
import { rate, readLabels, readLines, writeLabels } from "../../../docs/assets/tools/tune/words.js"
import { wilson } from "../../../docs/assets/tools/wilson.js"

test("a file of numbers is read as rows, whatever the processor's order of bytes", () => {
  const view = new DataView(new ArrayBuffer(16))
  for (const [at, number] of [1, -1, 0.5, 0].entries()) view.setFloat32(4 * at, number, true)
  const rows = readVectors(view.buffer, 2).map((row) => [...row])
  assert.deepEqual(rows, [
    [1, -1],
    [0.5, 0],
  ])
})

test("a head starts from zero and moves to the labels", () => {
  const vectors = [Float64Array.of(1, 0), Float64Array.of(0, 1)]
  const shares = []
  for (const weights of trainHead(vectors, [0, 1], 2, 3, 1)) shares.push(weights[0][0])
  assert.equal(shares[0], 0)
  assert.ok(shares.every((weight, at) => at === 0 || weight > shares[at - 1]))
})

test("hits are worded with Wilson's interval", () => {
  assert.equal(rate(67, 140), "67 of 140 = 48% (40–56)")
  assert.equal(rate(0, 10), "0 of 10 = 0% (0–28)")
  assert.equal(rate(10, 10), "10 of 10 = 100% (72–100)")
  for (const bound of [...wilson(0, 10), ...wilson(10, 10)]) assert.ok(bound >= 0 && bound <= 1)
})

test("labels go into the address and come back", () => {
  const labels = [0, null, 3, 1]
  assert.equal(writeLabels(labels), "1-42")
  assert.deepEqual(readLabels("1-42", 4, 4), labels)
  assert.equal(writeLabels([null, null]), "")
  for (const nonsense of ["", "9999", "<b>", "----", "\u{1f600}"]) assert.equal(readLabels(nonsense, 4, 4), null)
  assert.deepEqual(readLabels("2", 3, 4), [1, null, null])
})

test("pasted messages are split by label, every third held out", () => {
  const { labels, learn, test: unseen, problem } = readLines("a: one\na:two\na\tthree: 3\n\nb: x\nb: y\nb: z\n")
  assert.equal(problem, "")
  assert.deepEqual(labels, ["a", "b"])
  assert.deepEqual(learn, [
    ["one", 0],
    ["two", 0],
    ["x", 1],
    ["y", 1],
  ])
  assert.deepEqual(unseen, [
    ["three: 3", 0],
    ["z", 1],
  ])
})

test("what cannot be used is told in a sentence", () => {
  const problems = [
    "",
    "  \n ",
    "no label",
    "a: x\na: y\na: z",
    "a: x\na: y\na: z\nb: q",
    "a: x\n".repeat(301),
    "x".repeat(1e6),
  ]
  for (const written of problems) {
    const { problem, learn } = readLines(written)
    assert.match(problem, /^[A-Z“].*\.$/s)
    assert.deepEqual(learn, [])
  }
  assert.match(readLines("a: x\nnothing").problem, /^Line 2 /)
})
