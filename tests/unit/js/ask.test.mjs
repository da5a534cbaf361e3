// What the page that answers from the guide does without a page: it cuts, finds, makes a prompt, and checks an answer's
// sources. That it does so as the programs of rung 2 do is tested in tests/unit/test_ask.py.

import assert from "node:assert/strict"
import { test } from "node:test"
import { check, sourcesCited } from "../../../docs/assets/tools/ask/citing.js"
import { filesCorpus } from "../../../docs/assets/tools/ask/corpus.js"
import { sectionOf, taken } from "../../../docs/assets/tools/ask/hits.js"
import { nameOf, passagesOfFiles, passagesOfGuide, readVectors } from "../../../docs/assets/tools/ask/passages.js"
import { promptFor } from "../../../docs/assets/tools/ask/prompt.js"
import { byKeyword, byVectors, indexOf } from "../../../docs/assets/tools/ask/retrieve.js"
import { DEFAULTS, questionOf, readState, writeState } from "../../../docs/assets/tools/ask/state.js"
import { sayWritten } from "../../../docs/assets/tools/ask/words.js"

const LONG = Array.from({ length: 60 }, (_, at) => `Sentence ${at} says something of its own.`).join(" ")
const GUIDE = {
  docs: [
    { location: "a/", title: "Returns", text: "<p>You have 30 days to return a bike.</p>", tags: ["send back"] },
    { location: "a/#keys", title: "Lost keys", text: "<p>A new key costs £22.</p>" },
    { location: "b/", title: "Long", text: `<p>${LONG}</p>` },
  ],
}

test("a section is cut into passages below its headings, and nothing of it is lost", async () => {
  const passages = await passagesOfGuide(GUIDE)
  assert.equal(passages[0].shown, "Returns\nYou have 30 days to return a bike.")
  assert.equal(passages[1].shown, "Returns > Lost keys\nA new key costs £22.")
  const long = sectionOf(passages, passages.length - 1)
  assert.ok(long.length > 1)
  assert.deepEqual(
    long.map(({ number, of }) => [number, of]),
    long.map((_, at) => [at + 1, long.length]),
  )
  assert.equal(long.map(({ text }) => text).join(" "), LONG)
})

test("a reader's files are cut at their headings, and equal headings of two files stay apart", () => {
  const passages = passagesOfFiles([
    { name: "a.md", text: "# Loans\n\nA loan lasts 21 days." },
    { name: "b.md", text: "# Loans\n\nA loan lasts 14 days." },
  ])
  assert.deepEqual(
    passages.map(({ page, number, of }) => [page, number, of]),
    [
      ["a.md", 1, 1],
      ["b.md", 1, 1],
    ],
  )
})

test("a file that is another's copy is not counted", async () => {
  const texts = { "a.md": "A loan lasts 21 days.", "b.md": "A key costs £22.", "copy.md": "A loan lasts 21 days." }
  const { files, passages } = await filesCorpus(Object.entries(texts).map(([name, text]) => ({ name, text })))
  assert.deepEqual([files, passages.length], [2, 2])
})

test("a table among a reader's files is none to ask", async () => {
  await assert.rejects(filesCorpus([{ name: "q.csv", text: "question,answers" }]), /^Error: q\.csv is a table\./)
})

test("words find the passage that has them, and a word that is in none finds nothing", async () => {
  const passages = await passagesOfGuide(GUIDE)
  const index = await indexOf(passages)
  assert.equal(byKeyword(index, "what does a key cost")[0].place, 1)
  assert.equal(byKeyword(index, "send back")[0].place, 0) // by its page's tags
  assert.deepEqual(byKeyword(index, "zzzzqqq"), [])
})

test("the nearest vector is first, and the fusion has what either search found", () => {
  const vectors = [
    [1, 0],
    [0, 1],
    [0.6, 0.8],
  ]
  const words = [{ place: 0, score: 3, closeness: 3 }]
  const { minilm, fused } = byVectors(words, vectors, [0, 1])
  assert.deepEqual(
    minilm.map(({ place }) => place),
    [1, 2, 0],
  )
  assert.equal(fused[0].place, 0) // first by words, third by meaning
  assert.equal(fused[0].closeness, 0)
  assert.deepEqual(
    taken(minilm, 5, 0.7).map(({ place }) => place),
    [1, 2],
  )
  assert.equal(taken(minilm, 1, 0).length, 1)
})

/** A vector as scripts/record_ask.py keeps it. */
function rounded(vector) {
  const most = Math.max(...vector.map(Math.abs))
  return Int8Array.from(vector, (number) => Math.round((127 * number) / most))
}

test("a vector survives being kept as whole numbers, and belongs to its text", () => {
  const vector = Float32Array.from({ length: 384 }, (_, at) => Math.sin(at))
  const length = Math.hypot(...vector)
  const name = nameOf({ shown: "a text" })
  const known = readVectors([name], rounded(vector).buffer)
  const cosine = known.get(name).reduce((sum, number, at) => sum + (number * vector[at]) / length, 0)
  assert.ok(cosine > 0.9999)
  assert.notEqual(nameOf({ shown: "a text." }), name)
  assert.throws(() => readVectors([name, "other"], rounded(vector).buffer))
})

test("one text is asked as one, several are numbered", () => {
  assert.match(promptFor("Why?", ["Because."]), /only this text\.\n\nBecause\.\n\nQuestion: Why\?$/)
  assert.match(promptFor("Why?", ["A.", "B."]), /\n\n\[1\] A\.\n\n\[2\] B\.\n\nQuestion: Why\?$/)
})

test("citations are read in each form, and a huge range does not hang", () => {
  assert.deepEqual([...sourcesCited("a [2], b [1][3], c [4, 5] and [7-9]")], [2, 1, 3, 4, 5, 7, 8, 9])
  assert.ok(sourcesCited("[1-999999999]").size < 200)
  assert.equal(check("30 days [1-999999999].", ["30 days"]).kind, "unknown")
})

test("an address is read and written again, and what makes no sense is the default", () => {
  const state = { question: "why & how?", by: "fused", k: 5, score: 20, near: 40 }
  assert.deepEqual(readState(new URLSearchParams(writeState(state))), state)
  assert.deepEqual(writeState(DEFAULTS), {})
  const odd = new URLSearchParams("question=%00%0a&by=__proto__&k=99&score=-1&near=NaN")
  assert.deepEqual(readState(odd), DEFAULTS)
  assert.equal(questionOf(`a\n\n${"b".repeat(9000)}`).length, 500)
})

test("what writing took is said with its rate, and an answer that was cut off is told", () => {
  const seconds = { reading: 22.64, writing: 2 }
  assert.equal(
    sayWritten({ tokens: 1442, count: 8, isCut: false, seconds }),
    "1,442 tokens read in 22.6 s, 8 tokens written in 2.0 s, 4.0 a second.",
  )
  assert.match(sayWritten({ tokens: 9, count: 80, isCut: true, seconds }), /a second\. It was cut off at 80 tokens\.$/)
  assert.match(sayWritten({ tokens: 9, count: 0, isCut: false, seconds }), /, 0 tokens written in 2\.0 s\.$/)
})
