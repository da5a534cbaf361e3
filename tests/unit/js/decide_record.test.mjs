// The decision record, and the words around it.

import assert from "node:assert/strict"
import { test } from "node:test"
import { dayAfter, plain, record } from "../../../docs/assets/tools/decide/record.js"
import { decide } from "../../../docs/assets/tools/decide/rules.js"
import { addressOf, reasonsFor, standing } from "../../../docs/assets/tools/decide/words.js"
import { rules as data } from "./data.mjs"

const ORDER = ["need", "bar", "wait"]
const about = { name: "", today: new Date(2030, 0, 31, 12), address: "https://example.invalid/decide/?a=b" }

test("a name becomes one line of text, whatever it holds", () => {
  assert.equal(plain("The *new* bot"), "The \\*new\\* bot")
  assert.equal(plain("<b>&amp;</b>"), "&lt;b\\>&amp;amp;&lt;/b\\>")
  assert.equal(plain("a\n# b\r\n\u2028c\u202ed"), "a \\# b c d")
  assert.equal(plain("[x](javascript:y)"), "\\[x\\](javascript:y)")
  assert.equal(plain(" \u200b "), "")
  assert.ok(plain("x".repeat(1000)).length === 120)
  assert.ok(plain("a\ud83d").isWellFormed?.() ?? true, "half a character was let through")
})

test("each scenario's record names its design, its reasons and all that is not known", () => {
  for (const { answers, expect } of data.scenarios) {
    const text = record(data, answers, about)
    const design = data.designs.find(({ id }) => id === expect)
    assert.ok(text.startsWith(`# Decision: ${design.name}\n\n- Date: 2030-01-31\n`), text.slice(0, 80))
    for (const rule of reasonsFor(data, decide(data, answers)))
      assert.ok(text.includes(`\n- ${rule.reason} ([`), rule.id)
    for (const limit of data.limits) assert.ok(text.includes(limit))
    assert.ok(!/undefined|NaN|null|\[object/.test(text), text)
    assert.ok(text.endsWith("\n") && !/\n\n\n/.test(text))
  }
  const open = record(data, {}, about)
  for (const { short } of data.questions) assert.ok(open.includes(`- [ ] ${short}: `), short)
})

test("the review lies the number of weeks ahead that the rules say", () => {
  for (const { answers } of data.scenarios) {
    const { weeks } = data.reviews[decide(data, answers).review]
    const days = (Date.parse(record(data, answers, about).match(/Review: (\S+)/)[1]) - Date.parse("2030-01-31")) / 864e5
    assert.equal(days, weeks * 7)
  }
})

test("one design is recommended, and every other is told how it stands", () => {
  for (const { answers } of data.scenarios) {
    const result = decide(data, answers)
    for (const { id } of data.designs) {
      const said = standing(data, result, id)
      assert.equal(said === "recommended", id === result.design && id === result.direction)
      assert.equal(said.startsWith("ruled out by"), result.barred.includes(id), said)
      if (said.startsWith("leaves")) assert.match(said, /^leaves (1 more need|[2-9] more needs) open$/)
    }
  }
})

test("a record made late in the evening bears the reader's own day", () => {
  const evening = new Date(2030, 0, 31, 23, 30)
  const morning = new Date(2030, 0, 31, 0, 30)
  for (const today of [evening, morning]) assert.equal(dayAfter(today, 0), "2030-01-31")
  assert.equal(dayAfter(evening, 4), "2030-02-28")
})

test("private documents and no test set: retrieval, provisionally, with what it needs first", () => {
  const answers = { fault: "facts", knowledge: "large", sources: "yes", control: "permissions", prompt: "no-test-set" }
  const text = record(data, { ...answers, paste: "right" }, about)
  assert.ok(text.startsWith("# Decision: Retrieval (RAG), provisionally\n"))
  assert.match(text, /\n- Retrieval \(RAG\): provisional; not yet: needs a test set/)
  assert.match(text, /\n- Prompting: what to build now\n/)
  assert.match(text, /\n- \[ \] Next: Build the test set/)
  assert.match(text, /\n## Before it is built\n\n- \[ \] Needs a test set/)
})

test("what holds for nearly everybody is a reason only where nothing else rules out a custom model", () => {
  const nearlyAlways = data.rules.find(({ id }) => id === "custom-needs-all-of-it")
  const other = data.rules.find(
    (rule) => rule.kind === "bar" && rule.designs.includes("custom") && rule !== nearlyAlways,
  )
  const reasons = (...rules) => reasonsFor(data, { reasons: rules.map(({ id }) => id) })
  assert.deepEqual(reasons(nearlyAlways), [nearlyAlways])
  assert.deepEqual(reasons(nearlyAlways, other), [other])
})

test("needs that are met come before what is ruled out", () => {
  for (const { answers } of data.scenarios) {
    const kinds = reasonsFor(data, decide(data, answers)).map(({ kind }) => kind)
    assert.deepEqual(
      kinds,
      [...kinds].sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)),
    )
  }
})

test("a page's address is that of the built site", () => {
  const path = (page) => addressOf(page).replace(addressOf(""), "")
  assert.equal(path("ladder/rag.md#what-it-fixes"), "ladder/rag/#what-it-fixes")
  assert.equal(path("ladder/index.md"), "ladder/")
  assert.equal(path("index.md#top"), "#top")
})
