// Which point waits how long, and which prompt comes next.

import assert from "node:assert/strict"
import { test } from "node:test"
import {
  inOrder,
  isBox,
  isDue,
  isNew,
  leftOut,
  need,
  nextBox,
  pickNext,
  pointKey,
  WAITS,
} from "../../../docs/assets/tools/practice/boxes.js"
import { prompts as data } from "./data.mjs"

const NOW = 2_000_000_000_000
const DAY = 86_400_000
const prompt = (id, level = 1, kind = "a", points = 2) => ({
  id,
  level,
  kind,
  rubric: Array.from({ length: points }, (_, index) => ({ id: `p${index}` })),
})
const [one, two, three, four] = ["one", "two", "three", "four"].map((id) => prompt(id))

/** Progress in which all points of prompts lie in one box, judged some days ago. */
function kept(...rows) {
  const points = new Map()
  for (const [prompt, box, daysAgo] of rows) {
    for (const point of prompt.rubric) points.set(pointKey(prompt, point), { box, at: NOW - daysAgo * DAY })
  }
  return points
}
const next = (prompts, points, current = "", passed = new Set()) => pickNext(prompts, points, current, passed, NOW).id

test("a point that is said moves up one box, to the fifth at most, and one that is left out to the first", () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5].map((box) => nextBox(box, true)),
    [2, 3, 4, 5, 5],
  )
  assert.deepEqual(
    [1, 2, 3, 4, 5].map((box) => nextBox(box, false)),
    [1, 1, 1, 1, 1],
  )
  assert.deepEqual([nextBox(null, true), nextBox(undefined, true), nextBox(null, false)], [2, 2, 1])
})

test("a higher box waits longer, and what is due is due to the millisecond", () => {
  assert.ok(WAITS.every((wait, index) => !index || wait > WAITS[index - 1]))
  for (const [index, wait] of WAITS.entries()) {
    assert.ok(isDue({ box: index + 1, at: NOW - wait }, NOW))
    assert.ok(!isDue({ box: index + 1, at: NOW - wait + 1 }, NOW))
  }
  assert.deepEqual([0, 1, 5, 6, 1.5, "1", null, undefined, Number.NaN].map(isBox), [
    false,
    true,
    true,
    ...Array(6).fill(false),
  ])
})

test("a prompt needs another round for the points that are due, low boxes counting most", () => {
  assert.equal(need(one, kept([one, 1, 1]), NOW), 10)
  assert.equal(need(one, kept([one, 5, 9]), NOW), 2)
  assert.equal(need(one, kept([one, 5, 7]), NOW), 0)
  assert.equal(need(one, new Map(), NOW), 0)
})

test("new is what was never tried, left out what lies in the first box", () => {
  const points = new Map([["one/p1", { box: 1, at: NOW }]])
  assert.deepEqual([isNew(one, points), isNew(two, points)], [false, true])
  assert.deepEqual(leftOut(one, points), [one.rubric[1]])
})

test("what is due comes first, most in need first; then what is new; then what is due soonest", () => {
  const all = [one, two, three, four]
  const points = kept([one, 2, 2], [two, 1, 1], [three, 4, 1])
  assert.equal(next(all, points), "two")
  assert.equal(next(all, points, "two"), "one")
  assert.equal(next(all, points, "", new Set(["one", "two"])), "four")
  assert.equal(next([one, two, three], kept([one, 3, 0], [two, 2, 0], [three, 5, 0])), "two")
})

test("of equals the first in the list comes, and the one that is open not again", () => {
  assert.equal(next([one, two], kept([one, 1, 1], [two, 1, 1])), "one")
  assert.equal(next([one, two], kept([one, 1, 1], [two, 1, 1]), "one"), "two")
  assert.equal(next([one], new Map(), "one"), "one", "there is no other")
})

test("when all were shown on this visit they come round again", () => {
  const passed = new Set(["one", "two", "three"])
  assert.equal(next([one, two, three], new Map(), "two", passed), "one")
  assert.deepEqual([...passed], ["two"])
})

test("going on and on shows every prompt before one comes again", () => {
  const passed = new Set()
  const seen = []
  let current = ""
  for (let round = 0; round < data.prompts.length; round++) {
    current = pickNext(data.prompts, new Map(), current, passed, NOW).id
    passed.add(current)
    seen.push(current)
  }
  assert.equal(new Set(seen).size, data.prompts.length)
  assert.deepEqual(
    seen,
    inOrder(data.prompts).map(({ id }) => id),
  )
})

test("the order goes from easy to hard, one of each kind in turn", () => {
  const list = [
    prompt("a1", 1, "a"),
    prompt("a2", 1, "a"),
    prompt("hard", 3, "a"),
    prompt("b1", 1, "b"),
    prompt("mid", 2, "b"),
  ]
  assert.deepEqual(
    inOrder(list).map(({ id }) => id),
    ["a1", "b1", "a2", "mid", "hard"],
  )
})
