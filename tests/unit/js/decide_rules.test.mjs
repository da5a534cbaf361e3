// How the decision ladder reads its rules. Made-up rules show each part by itself; tests/unit/test_decide.py holds them to
// the reference over thousands of sets of answers, and tests what the rules promise.

import assert from "node:assert/strict"
import { test } from "node:test"
import { answersIn, decide, holds, inOrder, oneAnswerAway, UNKNOWN } from "../../../docs/assets/tools/decide/rules.js"
import { rules as data } from "./data.mjs"

const questions = ["speed", "price"].map((id) => ({
  id,
  answers: ["low", "high", UNKNOWN].map((one) => ({ id: one })),
}))
const small = (...rules) => ({
  questions,
  designs: [{ id: "one" }, { id: "two" }, { id: "three" }],
  rules: rules.map((rule, index) => ({ id: String(index), ...rule })),
  against: [{ designs: ["one", "two", "three"], when: [{}] }],
  experiments: [
    { designs: ["two"], when: [{ speed: ["high"] }] },
    { designs: ["one", "two", "three"], when: [{}] },
  ],
  reviews: [{ when: [{ price: ["high"] }] }, { when: [{}] }],
  ifShort: { when: [{ price: [UNKNOWN] }], answers: { speed: "high" } },
  cheaper: [{ designs: ["one"], when: [{ speed: ["high"] }] }],
  conflicts: [{ when: [{ speed: ["high"], price: ["high"] }] }],
})
const need = (when, ...designs) => ({ kind: "need", when: [when], designs })
const bar = (when, ...designs) => ({ kind: "bar", when: [when], designs })
const wait = (when, ...designs) => ({ kind: "wait", when: [when], designs })

test("a condition holds where one clause does, and a clause where all its questions do", () => {
  const entry = {
    when: [
      { speed: ["high"], price: ["low", "high"] },
      { price: [UNKNOWN], speed: ["low"] },
    ],
  }
  assert.ok(holds(entry, { speed: "high", price: "low" }))
  assert.ok(!holds(entry, { speed: "high", price: UNKNOWN }))
  assert.ok(holds(entry, { speed: "low" }), "no answer counts as not knowing")
  assert.ok(!holds(entry, {}))
  assert.ok(holds({ when: [{}] }, {}), "no question is asked of it")
  assert.ok(!holds({ when: [] }, {}), "there is no case for it")
})

test("without rules the simplest design is recommended", () => {
  assert.equal(decide(small(), {}).design, "one")
})

test("what leaves fewer needs open wins, and on a tie the simpler", () => {
  const one = small(need({ speed: ["high"] }, "one", "three"))
  assert.equal(decide(one, {}).design, "one")
  assert.equal(decide(one, { speed: "high" }).design, "two")
  const tie = small(need({}, "one"), need({}, "two"), need({}, "three"))
  assert.deepEqual([decide(tie, {}).design, decide(tie, {}).open], ["one", [1, 1, 1]])
})

test("what is ruled out is not recommended, however few needs it leaves open", () => {
  const found = decide(small(need({}, "one", "three"), bar({ price: ["high"] }, "two")), { price: "high" })
  assert.deepEqual([found.design, found.barred, found.fired], ["one", ["two"], ["0", "1"]])
  assert.deepEqual(found.reasons, ["1"], "a rule that the design itself falls under is no reason for it")
})

test("the answers may point to a design that has to wait, while another is to be built", () => {
  const data = small(need({}, "one", "three"), wait({ price: ["low"] }, "two"))
  const found = decide(data, { price: "low" })
  assert.deepEqual([found.design, found.direction, found.waiting, found.waits], ["one", "two", ["two"], ["1"]])
  assert.deepEqual(found.barred, [], "to wait is not to be ruled out")
  const free = decide(data, { price: "high" })
  assert.deepEqual([free.design, free.direction, free.waits], ["two", "two", []])
  const out = decide(small(wait({}, "two"), bar({}, "two")), {})
  assert.deepEqual([out.barred, out.waiting], [["two"], []], "what is ruled out does not wait as well")
})

test("what is not yet measured is supposed, and told only where that changes something", () => {
  const data = small(need({ speed: ["high"] }, "one", "three"))
  assert.equal(decide(data, {}).ifShort, "two")
  assert.equal(decide(data, { price: "low" }).ifShort, null, "it is known")
  assert.equal(decide(data, { speed: "high" }).ifShort, null, "they point there already")
})

test("answers that do not go together and cheaper things to try are found", () => {
  const found = decide(small(), { speed: "high", price: "high" })
  assert.deepEqual([found.conflicts, found.cheaper], [[0], [0]])
  assert.deepEqual([decide(small(), {}).conflicts, decide(small(), {}).cheaper], [[], []])
  const elsewhere = small(need({ speed: ["high"] }, "one"))
  assert.deepEqual(decide(elsewhere, { speed: "high" }).cheaper, [], "it is for a design to which they do not point")
})

test("beside the design stand the first argument and review that fit, and its experiments", () => {
  const data = small(need({ speed: ["high"] }, "one"))
  assert.deepEqual(decide(data, { speed: "high" }).experiments, [0], "one that always fits only where no other does")
  assert.deepEqual(decide(data, {}).experiments, [1])
  assert.deepEqual([decide(data, { price: "high" }).review, decide(data, {}).review], [0, 1])
})

test("one other answer that would change the result is found, not knowing aside", () => {
  const data = small(need({ speed: ["high", UNKNOWN] }, "one"))
  assert.deepEqual(oneAnswerAway(data, { speed: "high" }), [["speed", "low", "one"]])
  assert.deepEqual(oneAnswerAway(data, { speed: "low" }), [["speed", "high", "two"]])
})

test("an address gives the answers that exist, and tells that others do not", () => {
  const read = (query) => answersIn(data, new URLSearchParams(query))
  assert.deepEqual(read("fault=facts&sources=yes&utm=1"), {
    answers: { fault: "facts", sources: "yes" },
    malformed: false,
  })
  for (const query of ["fault=nonsense", "fault=", "fault=facts&fault=form", "fault=__proto__", "fault=%FF"]) {
    assert.deepEqual(read(`${query}&sources=yes`), { answers: { sources: "yes" }, malformed: true }, query)
  }
})

test("every scenario comes back from its address, in the order of the questions", () => {
  for (const { answers } of data.scenarios) {
    const turned = Object.fromEntries(Object.entries(answers).reverse())
    const address = new URLSearchParams(inOrder(data, turned)).toString()
    assert.equal(address, new URLSearchParams(answers).toString())
    assert.deepEqual(answersIn(data, new URLSearchParams(address)).answers, answers)
  }
})
