// What each rung puts before the model, and what the score says of an answer.

import assert from "node:assert/strict"
import { test } from "node:test"
import { ARMS, filledIn, passageOf, verdictOf } from "../../../docs/assets/tools/rungs/prompts.js"

test("what is put into a prompt is never looked at again", () => {
  const prompt = "{passage}\n\nQuestion: {question}"
  assert.equal(filledIn(prompt, "why {passage}?", "$& {question} $1"), "$& {question} $1\n\nQuestion: why {passage}?")
  assert.equal(filledIn("{question}", "why?", "unused"), "why?")
})

test("a question that nobody recorded has no passage", () => {
  const live = { of: { direct: { q1: 1 } }, passages: ["first", "second"] }
  assert.equal(passageOf(live, "direct", "q1"), "second")
  assert.equal(passageOf(live, "direct", "q2"), "")
  assert.equal(passageOf(live, "unheard of", "q1"), "")
})

test("an answer is judged by whole words and figures, and not at all where no document has one", () => {
  const verdict = (answer, ...accept) => verdictOf(accept, answer)?.verdict
  assert.equal(verdict("Within 60 days.", "60 days", "sixty days"), "correct")
  assert.equal(verdict("Within 160 days.", "60 days"), "incorrect")
  assert.equal(verdict("RX-3.", "rx-3"), "correct")
  assert.equal(verdict("(nothing)", "rx-3"), "incorrect")
  assert.equal(verdictOf([], "Anything."), null)
})

test("the adapter goes in once", () => {
  const changes = ARMS.filter(({ isTuned }, at) => at > 0 && isTuned !== ARMS[at - 1].isTuned)
  assert.equal(changes.length, 1)
})
