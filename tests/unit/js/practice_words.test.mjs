// What the mock interview says of an attempt, an import and a comparison.

import assert from "node:assert/strict"
import { test } from "node:test"
import { matching, readFilter } from "../../../docs/assets/tools/practice/chooser.js"
import { tally } from "../../../docs/assets/tools/practice/compare.js"
import {
  imported,
  lastTime,
  mayBeEnglish,
  pageAddress,
  summary,
  wordsIn,
} from "../../../docs/assets/tools/practice/words.js"
import { prompts as data } from "./data.mjs"

test("an attempt is summed up once the first point is judged", () => {
  const [said, left, open] = ["said", "left", undefined]
  assert.equal(summary([open, open]), "")
  assert.equal(summary([said, left, open]), "1 said, 1 left out, 1 still to judge.")
  assert.equal(summary([said, said]), "All 2 points said. They come back later, and later still each time.")
  assert.equal(summary([said, left]), "1 of 2 said. The point left out will come back first.")
  assert.equal(summary([left, left]), "0 of 2 said. The points left out will come back first.")
})

test("words are counted, whatever stands between them", () => {
  assert.deepEqual(["", "  \n", "one", " one\n two\u00a0three "].map(wordsIn), [0, 0, 1, 3])
})

test("what was left out last time is said where there was something", () => {
  assert.equal(lastTime(0, 5), "")
  assert.equal(lastTime(1, 5), "Last time you left out 1 point of 5.")
  assert.equal(lastTime(5, 5), "Last time you left out every point of 5.")
})

test("an import says what came of it", () => {
  assert.match(imported(0, true), /not progress exported from here, so nothing was changed\.$/)
  assert.match(imported(0, false), /holds no points, so nothing was changed\.$/)
  assert.match(imported(1, false), /^1 point imported\. /)
  assert.match(imported(2, true), /^2 points imported; the rest of the file could not be read\. /)
})

test("a comparison is tallied in the order in which it found things", () => {
  const verdicts = ["covered", "missed", "covered", "unsure"]
  assert.equal(tally(verdicts.map((verdict) => ({ verdict }))), "2 spoken of, 1 not found, 1 unclear")
})

test("a page's address is that of the built site", () => {
  const path = (page) => pageAddress(page).replace(pageAddress(""), "")
  assert.equal(path("ladder/rag.md#what-it-fixes"), "ladder/rag/#what-it-fixes")
  assert.equal(path("ladder/index.md"), "ladder/")
})

test("an address chooses a kind and a level that exist, and tells of others", () => {
  const read = (query) => readFilter(data, new URLSearchParams(query))
  const [kind] = data.kinds
  const [level] = data.levels
  const both = { kind: kind.id, level: String(level.id) }
  assert.deepEqual(read(new URLSearchParams(both).toString()), { filter: both, isUnderstood: true })
  assert.deepEqual(read(""), { filter: { kind: "", level: "" }, isUnderstood: true })
  for (const query of ["kind=__proto__", "level=9", "level=1.0", "kind=%FF"]) {
    assert.deepEqual(read(query), { filter: { kind: "", level: "" }, isUnderstood: false }, query)
  }
  const found = matching(data, both)
  assert.ok(found.length && found.every((one) => one.kind === kind.id && one.level === level.id))
  assert.equal(matching(data, { kind: "", level: "" }).length, data.prompts.length)
})

test("an answer in another language is told from one in English", () => {
  const english = [
    "",
    "RAG",
    "Fetch the passages that bear on the question and put them in the prompt.",
    "I would start with prompting, measured on a test set, and only then climb.",
  ]
  const others = [
    "Zuerst würde ich den Prompt auf einem Testsatz messen und erst danach nachtrainieren.",
    "Ich würde zuerst in der Suche filtern, so dass an den Nutzer nur geht, was er lesen darf, und dann messen.",
    "Ik zou eerst in de zoekindex filteren, zodat het model niet ziet wat een gebruiker niet mag lezen.",
    "Io farei prima il filtro, in modo che il modello non veda i documenti che la persona non può leggere.",
    "Jag skulle först filtrera i sökningen, så att modellen bara ser det som användaren får läsa.",
    "Je commencerais par mesurer le prompt sur un jeu de test, puis la recherche documentaire.",
    "先测量提示词，再考虑检索",
    "Сначала я бы измерил промпт на тестовом наборе, а затем добавил поиск по документам.",
  ]
  for (const text of english) assert.ok(mayBeEnglish(text), text)
  for (const text of others) assert.ok(!mayBeEnglish(text), text)
})
