// What is kept of the reader's practice is read back as it was, and what means nothing breaks nothing.

import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"
import {
  forgetAttempt,
  join,
  keepAttempt,
  Progress,
  parseAttempt,
  parseProgress,
  progressText,
  readAttempt,
} from "../../../docs/assets/tools/practice/progress.js"

const STORE = "prompt-retrieve-tune.practice"
const KEYS = new Set(["a/b", "a/c"])
const NOW = 2_000_000_000_000
const prompt = { id: "a", rubric: [{ id: "b" }, { id: "c" }] }

/** A store as a browser has it: the keys of what it holds are its own. */
class Store {
  getItem(key) {
    return Object.hasOwn(this, key) ? this[key] : null
  }
  setItem(key, text) {
    this[key] = String(text)
  }
  removeItem(key) {
    delete this[key]
  }
}

beforeEach(() => {
  for (const name of ["localStorage", "sessionStorage"]) {
    Object.defineProperty(globalThis, name, { value: new Store(), configurable: true, writable: true })
  }
})

test("progress comes back as it was written, without points that are no more", () => {
  const points = new Map([
    ["a/b", { box: 2, at: 5 }],
    ["gone/x", { box: 1, at: 5 }],
  ])
  const read = parseProgress(progressText(points), KEYS, NOW)
  assert.deepEqual(read, { points: new Map([["a/b", { box: 2, at: 5 }]]), broken: false })
})

test("a clock that ran ahead is set back to now", () => {
  assert.equal(parseProgress('{"version":1,"points":{"a/b":{"box":1,"at":9e15}}}', KEYS, NOW).points.get("a/b").at, NOW)
})

const NO_PROGRESS = [
  "",
  "null",
  "3",
  "[]",
  '"x"',
  "{}",
  '{"version":2,"points":{}}',
  '{"version":1}',
  '{"version":1,"points":null}',
  '{"version":1,"points":[]}',
  '{"version":1,"points":"x"}',
  '{"points":{}}',
  "<script>",
  "{",
]
const BAD_POINTS = [
  '{"box":0,"at":1}',
  '{"box":6,"at":1}',
  '{"box":1.5,"at":1}',
  '{"box":"1","at":1}',
  '{"box":1,"at":-1}',
  '{"box":1,"at":"1"}',
  '{"box":1}',
  "null",
  "3",
]

test("what is not progress is told so, and gives none", () => {
  for (const text of NO_PROGRESS) assert.deepEqual(parseProgress(text, KEYS), { points: new Map(), broken: true }, text)
})

test("a point that means nothing is left out, and the others are taken", () => {
  for (const point of BAD_POINTS) {
    const { points, broken } = parseProgress(
      `{"version":1,"points":{"a/b":${point},"a/c":{"box":3,"at":1}}}`,
      KEYS,
      NOW,
    )
    assert.deepEqual([...points.keys(), broken], ["a/c", true], point)
  }
  parseProgress('{"version":1,"points":{"__proto__":{"box":1,"at":1}}}', KEYS)
  assert.equal({}.box, undefined)
})

test("of two records of a point the later try counts", () => {
  const points = new Map([
    ["a/b", { box: 2, at: 5 }],
    ["a/c", { box: 2, at: 5 }],
  ])
  join(
    points,
    new Map([
      ["a/b", { box: 1, at: 4 }],
      ["a/c", { box: 5, at: 6 }],
      ["a/d", { box: 1, at: 0 }],
    ]),
  )
  assert.deepEqual(
    [...points.values()].map(({ box }) => box),
    [2, 5, 1],
  )
})

test("an attempt comes back as it was left", () => {
  const attempt = { answer: "Retrieve.", shown: true, verdicts: { b: "said", c: "left" }, before: { b: 3, c: null } }
  keepAttempt(prompt, attempt)
  assert.deepEqual(readAttempt(prompt), attempt)
  forgetAttempt(prompt)
  assert.deepEqual(readAttempt(prompt), { answer: "", shown: false, verdicts: {}, before: null })
})

test("what is not an attempt gives a fresh one, and what means nothing in one is left out", () => {
  const fresh = { answer: "", shown: false, verdicts: {}, before: null }
  for (const text of [null, "", "x", "3", "[]", "{}", '{"answer":3}', '{"answer":null}']) {
    assert.deepEqual(parseAttempt(text, prompt), fresh, text)
  }
  const text = '{"answer":"x","shown":"yes","verdicts":{"b":"toString","c":"said","d":"said"},"before":{"b":9,"c":"1"}}'
  assert.deepEqual(parseAttempt(text, prompt), {
    answer: "x",
    shown: false,
    verdicts: { c: "said" },
    before: { b: null, c: null },
  })
})

test("progress is stored at each change, exported, imported and erased", () => {
  const progress = new Progress(KEYS)
  progress.set("a/b", 2)
  assert.equal(new Progress(KEYS).points.get("a/b").box, 2)
  const file = progress.export()
  keepAttempt(prompt, { answer: "x" })
  progress.erase()
  assert.deepEqual([Object.keys(localStorage), Object.keys(sessionStorage), progress.points.size], [[], [], 0])
  assert.deepEqual(progress.import("x"), { points: new Map(), broken: true })
  assert.equal(progress.import(file).points.size, 1)
  assert.equal(new Progress(KEYS).points.get("a/b").box, 2)
})

test("progress that cannot be read starts fresh once, and its old text is in the export", () => {
  localStorage.setItem(STORE, "<script>")
  const progress = new Progress(KEYS)
  assert.match(progress.note, /could not be read, so this starts fresh/)
  assert.deepEqual(JSON.parse(progress.export()), { version: 1, points: {}, unreadable: "<script>" })
  assert.equal(new Progress(KEYS).note, "", "said again at each visit")
})

test("where nothing may be kept, progress lasts for the visit", () => {
  for (const name of ["localStorage", "sessionStorage"]) {
    const get = () => {
      throw new Error("SecurityError")
    }
    Object.defineProperty(globalThis, name, { get, configurable: true })
  }
  const progress = new Progress(KEYS)
  assert.equal(progress.isKept, false)
  progress.set("a/b", 2)
  keepAttempt(prompt, { answer: "x" })
  assert.equal(progress.points.get("a/b").box, 2)
  assert.equal(progress.isKept, false)
  assert.equal(readAttempt(prompt).answer, "")
  assert.equal(JSON.parse(progress.export()).points["a/b"].box, 2)
  progress.erase()
  assert.equal(progress.points.size, 0)
})

test("a store that is full is told", () => {
  const progress = new Progress(KEYS)
  localStorage.setItem = () => {
    throw new Error("QuotaExceededError")
  }
  progress.set("a/b", 2)
  assert.equal(progress.isKept, false)
})
