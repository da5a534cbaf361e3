// Which recorded questions are shown: filters, what an address asks for, the answers as a table.

import assert from "node:assert/strict"
import { test } from "node:test"
import { byArm, FILTERS, filtered, placeOf, readChoice, writeChoice } from "../../../docs/assets/tools/rungs/choose.js"

const ARMS = ["Prompt only", "Retrieval", "Fine-tuned on the facts", "Fine-tuned, with retrieval"]

/** A question with the small model's verdicts in the order of ARMS, and the larger one's of the first two. */
function question(id, small, large) {
  const of = (model) => (verdict, at) => ({ arm: ARMS[at], model, text: "", verdict })
  return { id, answers: [...large.map(of("1.5B")), ...small.map(of("135M"))] }
}

const [YES, NO, UNSURE] = ["correct", "incorrect", "abstained"]
const QUESTIONS = [
  question("all", [YES, YES, YES, YES], [YES, YES]),
  question("none", [NO, UNSURE, NO, NO], [NO, UNSURE]),
  question("retrieval", [NO, YES, NO, NO], [NO, YES]),
  question("tuning", [NO, UNSURE, YES, NO], [NO, YES]),
  question("both", [NO, NO, NO, YES], [NO, NO]),
]
const shown = (filter) => filtered(QUESTIONS, filter).map(({ id }) => id)

test("each filter leaves the questions that its label names", () => {
  assert.deepEqual(shown("all"), ["all", "none", "retrieval", "tuning", "both"])
  assert.deepEqual(shown("disagree"), ["none", "retrieval", "tuning", "both"])
  assert.deepEqual(shown("retrieval"), ["retrieval"])
  assert.deepEqual(shown("tuning"), ["tuning"])
  assert.deepEqual(shown("both"), ["both"])
  assert.deepEqual(shown("none"), ["none"])
  assert.deepEqual(shown("size"), ["tuning"])
})

test("an address is read as it was written, and what nobody offers is not believed", () => {
  const choice = { wording: "unanswerable", filter: "size", question: "q017" }
  assert.deepEqual(readChoice(new URLSearchParams(writeChoice(choice))), choice)
  assert.deepEqual(writeChoice(readChoice(new URLSearchParams(""))), {})
  const strange = readChoice(new URLSearchParams("asked=constructor&only=__proto__&question=<b>"))
  assert.deepEqual(strange, { wording: "paraphrase", filter: "disagree", question: "<b>" })
  assert.ok(Object.hasOwn(FILTERS, strange.filter))
})

test("a question that is not shown is the first", () => {
  assert.equal(placeOf(QUESTIONS, "tuning"), 3)
  assert.equal(placeOf(QUESTIONS, "<b>"), 0)
})

test("the answers stand by rung, then by model", () => {
  const rows = byArm(QUESTIONS[3].answers)
  assert.deepEqual(
    rows.map(([arm]) => arm),
    ARMS,
  )
  assert.equal(rows[1][1]["1.5B"].verdict, YES)
  assert.equal(rows[1][1]["135M"].verdict, UNSURE)
  assert.equal(rows[2][1]["1.5B"], undefined)
})
