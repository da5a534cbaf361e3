// What the page on measuring does without a page: it reads readers' files, and words what it found. That it computes what
// Python computes is tested in tests/unit/test_measure.py.

import assert from "node:assert/strict"
import { test } from "node:test"
import { messagesOf } from "../../../docs/assets/tools/measure/messages.js"
import { aligned, named, systemsOf } from "../../../docs/assets/tools/measure/predictions.js"
import { questionsOf, withoutCopies } from "../../../docs/assets/tools/measure/questions.js"
import { decode, readTable, Unusable } from "../../../docs/assets/tools/measure/tables.js"
import { readMargin, sayP, sayPoints } from "../../../docs/assets/tools/measure/words.js"

const hitsOf = (text, file = "mine.jsonl") => systemsOf(text, file).map(({ name, right }) => [name, ...right.values()])

test("predictions are read from JSON lines, from a JSON list and from CSV, under each name of the columns", () => {
  const wanted = [["mine", true, false]]
  assert.deepEqual(hitsOf('{"item": "q1", "right": true}\n\n{"item": "q2", "right": false}\n'), wanted)
  assert.deepEqual(hitsOf('[{"id": 1, "correct": 1}, {"id": 2, "correct": 0}]', "mine.json"), wanted)
  assert.deepEqual(hitsOf("id,right\nq1,yes\nq2,no\n", "mine.csv"), wanted)
  assert.deepEqual(hitsOf("\uFEFFItem;Correct\r\nq1;TRUE\r\nq2;FALSE".replaceAll("\r", ""), "mine.csv"), wanted)
  assert.deepEqual(hitsOf('item\tright\n"q\t1"\t1\n"q""2"\t0', "mine.tsv"), wanted)
})

test("one table with a column a system is several systems, and columns of words are none", () => {
  const text = "item,question,ours,theirs\nq1,why?,yes,no\nq2,how?,no,no"
  assert.deepEqual(hitsOf(text), [
    ["ours", true, false],
    ["theirs", false, false],
  ])
})

test("what rung writes is its rungs from the lowest to the highest, without the yardstick", () => {
  const row = (rung, arm, right) => JSON.stringify({ item: "q1", arm, answer: "a", right, rung })
  const text = [row("ceiling", "pasted", true), row("retrieval", "bm25", true), row("prompting", "alone", false)].join(
    "\n",
  )
  assert.deepEqual(hitsOf(text), [
    ["prompting", false],
    ["retrieval", true],
  ])
})

test("systems get names of their own and stand on the same items, whatever the order of their rows", () => {
  const one = systemsOf("item,right\na,1\nb,0", "run.csv")
  const other = systemsOf("item,right\nb,1\na,0", "run.jsonl")
  const { items, systems } = aligned(named([...one, ...other]))
  assert.deepEqual(items, ["a", "b"])
  assert.deepEqual(systems, [
    { name: "run", hits: [true, false] },
    { name: "run (2)", hits: [false, true] },
  ])
})

test("a third system of one name is no second second, whether it comes with the others or after them", () => {
  const run = (file) => systemsOf("item,right\na,1\nb,0", file)
  const names = (systems) => systems.map(({ name }) => name)
  const one = named(run("run.csv"))
  const two = named([...one, ...run("run.csv")])
  assert.deepEqual(names(named([...two, ...run("run.csv")])), ["run", "run (2)", "run (3)"])
  assert.deepEqual(names(named([...run("run (2).csv"), ...run("run.csv"), ...run("run.csv")])), [
    "run (2)",
    "run",
    "run (3)",
  ])
})

test("what cannot be used is told in a sentence that names the place", () => {
  const problems = [
    ["", /is empty/],
    ["item,right", /no rows/],
    ["{", /line 1.*one JSON object a line/],
    ['{"item": "a", "right": true}\n[1]', /line 2/],
    ["[1, 2]", /entry 1:/],
    ["right\nyes", /needs a column “item”/],
    ["item,right\na,maybe", /row 2: .*not “maybe”/],
    ["item,right\na,yes\na,no", /a more than once/],
    ["item,right\n,yes", /row 2 has no item/],
    ["item,answer\na,hello", /says yes or no/],
    ["item,a,b\nq1,yes,no\nq2,no,\nq3,yes,yes", /row 3: “b” is empty/],
    ["item,a,b\nq1,yes,no\nq2,no,no\nq3,yes,maybe", /row 4: “b” is yes or no elsewhere, and “maybe” here/],
    ['item,right\na,yes\n"b,no\nc,yes', /line 3: a quote opens and never closes/],
    ['\n\nitem,right\na,yes\n"b,no\nc,yes', /line 5: a quote opens and never closes/],
    [`item,right\n${"a,1\n".repeat(100_001)}`, /more than 100000 rows/],
  ]
  for (const [text, says] of problems) {
    assert.throws(
      () => systemsOf(text, "mine.csv"),
      (error) => error instanceof Unusable && says.test(error.message) && /^mine\.csv.*\.$/s.test(error.message),
      text.slice(0, 40),
    )
  }
  const other = systemsOf("item,right\nz,1", "other")
  assert.throws(() => aligned([...systemsOf("item,right\na,1", "mine"), ...other]), /only one of them has a\./)
})

test("a row has the number that a spreadsheet shows, a line of JSON its own, and who has no id is called by it", () => {
  const places = (text) => readTable(text, "x").map(({ place }) => place)
  assert.deepEqual(places('\nitem,right\n\n"a\nb",yes\n,\nc,no\n'), ["row 4", "row 6"])
  assert.deepEqual(places('\n{"item": "a"}\n\n{"item": "b"}'), ["line 2", "line 4"])
  assert.deepEqual(places('[{"item": "a"}, {}, {"item": "b"}]'), ["entry 1", "entry 3"])
  const { questions } = questionsOf('question,answers\n\n"How long\nis it?",9\nWho?,Ann', "questions.csv")
  assert.deepEqual(
    questions.map(({ item }) => item),
    ["q3", "q4"],
  )
  const { learn, test: held } = messagesOf("text,label,split\na,x,train\nb,y,dev\n\nc,x,test", "messages.csv")
  assert.deepEqual(
    [...learn, ...held].map(({ item }) => item),
    ["m2", "m3", "m5"],
  )
})

test("messages are split by their column or their text, and what cannot be learned is told", () => {
  const rows = ["a,x,train", "b,y,dev", "c,x,test", "d,z,test", "c,y,train", ",x,test", "e,x,elsewhere"]
  const { labels, learn, test: held, notes } = messagesOf(["text,label,split", ...rows].join("\n"), "m.csv")
  const parts = [learn, held].map((some) => some.map(({ text }) => text).filter((text) => text !== "e"))
  assert.deepEqual(
    [labels.slice(0, 2).sort(), parts],
    [
      ["x", "y"],
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
  )
  for (const says of [
    "1 row was left out",
    "1 split is none of",
    "1 message repeats",
    "the label z",
    "held out: expect",
  ]) {
    assert.ok(
      notes.some((note) => note.includes(says)),
      says,
    )
  }
  const many = Array.from({ length: 200 }, (_, at) => `text ${at},label ${at},${at % 2 ? "test" : "train"}`)
  const problems = [
    ["text,label\nx,a", /messages to learn from/],
    ["text\nx", /needs a column “label”/],
    ["text,label,split\nx,a,train\ny,a,test", /every message to learn from has the label “a”/],
    [["text,label,split", ...many].join("\n"), /has 100 labels/],
    [`text,label\n${"x,a\n".repeat(2001)}`, /2001 messages/],
  ]
  for (const [text, says] of problems) assert.throws(() => messagesOf(text, "m.csv"), says)
})

test("names of an object's own properties are names like others", () => {
  const [[name, ...hits]] = hitsOf('{"item": "__proto__", "right": true}\n{"item": "constructor", "right": false}')
  assert.deepEqual([name, ...hits], ["mine", true, false])
  assert.equal(readTable("__proto__,id\n1,2", "x")[0].get("__proto__"), "1")
})

test("bytes are read as UTF-8, UTF-16 by its mark, and else as Windows-1252", () => {
  assert.equal(decode(new TextEncoder().encode("Zürich\r\nBern\r")), "Zürich\nBern\n")
  assert.equal(decode(Uint8Array.of(0xff, 0xfe, 0x41, 0, 0xfc, 0)), "Aü")
  assert.equal(decode(Uint8Array.of(0x41, 0xfc)), "Aü")
  assert.throws(() => decode(Uint8Array.of(0, 1, 2), "photo.png"), /photo\.png is not text/)
})

test("points, p-values and margins are written as people write them", () => {
  assert.deepEqual([-0.13, 0.0204, 0.0001, -0.0001].map(sayPoints), ["−13.0", "+2.0", "0.0", "0.0"])
  assert.deepEqual([1, 0.0724, 0.0004].map(sayP), ["p = 1", "p = 0.072", "p < 0.001"])
  assert.deepEqual(["5", " 2,5 ", "0.1", "49.9"].map(readMargin), [0.05, 0.025, 0.001, 0.499])
  for (const nonsense of ["", "0", "50", "-5", "5%", "1e1", "five", null]) assert.equal(readMargin(nonsense), null)
})

test("a document is another's copy where it holds the same and is read as that is; blank ones are none", () => {
  const texts = { "a.md": "# Loans", "b/a.MD": "# Loans", "a.txt": "# Loans", "empty.md": "", "blank.md": "\n" }
  const kept = withoutCopies(Object.entries(texts).map(([name, text]) => ({ name, text })))
  assert.deepEqual(
    kept.map(({ called }) => called),
    [["a.md", "b/a.MD"], ["a.txt"]],
  )
})
