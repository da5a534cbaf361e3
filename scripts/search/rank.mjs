// Which sections each search finds for each question: one line of JSON a question. `measure.py` makes rates of it. It reads
// what the sentence model made of the questions, and of each section's windows: { questions: { id: vector }, sections: { id:
// vectors } }.
//
//     node scripts/search/rank.mjs site/search/search_index.json path/of/the/package/material < vectors.json

import { readFileSync } from "node:fs"
import * as keyword from "../../docs/assets/search/keyword.js"
import { sectionsOf } from "../../docs/assets/search/sections.js"
import { open as openFormer } from "./former.mjs"
import { fuse, SETTINGS } from "./fuse.mjs"
import * as meaning from "./meaning.mjs"
import { open as openPlain } from "./plain.mjs"

const ROOT = new URL("../../", import.meta.url)
const QUESTIONS = new URL("docs/evidence/search/questions.jsonl", ROOT)
const STATIC = new URL("docs/assets/vendor/static/", ROOT)
const SHOWN = 10 // sections kept of each list
const WITHOUT_SYNONYMS = { ...keyword.SETTINGS, synonym: 0 }

/** The static vectors that distil.mjs made. */
function readTable(folder = STATIC) {
  const read = (name) => readFileSync(new URL(name, folder))
  const { dimensions } = JSON.parse(read("manifest.json"))
  const { buffer, byteOffset, byteLength } = read("vectors.bin")
  return meaning.tableOf(
    read("pieces.txt").toString("utf8"),
    buffer.slice(byteOffset, byteOffset + byteLength),
    dimensions,
  )
}

/** The searches by name: each from a question, and its number, to sections' addresses, best first. */
async function searches(index, theme, vectors) {
  const sections = sectionsOf(index)
  const known = new Set(sections.map(({ id }) => id))
  const former = await openFormer(theme, index)
  const words = await keyword.build(sections)
  const plain = openPlain(sections)
  const pieces = await meaning.build(sections, readTable())
  const windows = sections.flatMap((section) => vectors.sections[section.id].map((vector) => ({ section, vector })))
  const ids = (results) => results.slice(0, SHOWN).map(({ section }) => section.id)
  const byWords = (question) => keyword.rank(words, question)
  const byPieces = (question) => meaning.rank(pieces, question)
  const bySentences = (id) => meaning.nearest(windows, vectors.questions[id])
  return {
    // The beginning of a page stands twice in mkdocs' index where its heading has an anchor; here it is one section.
    former: async (question) => {
      const found = await former(question)
      return [...new Set(found.map((id) => (known.has(id) ? id : id.split("#")[0])))].slice(0, SHOWN)
    },
    bm25: async (question) => plain(question).slice(0, SHOWN),
    "keyword without synonyms": async (question) => ids(keyword.rank(words, question, WITHOUT_SYNONYMS)),
    keyword: async (question) => ids(byWords(question)),
    static: async (question) => ids(byPieces(question)),
    minilm: async (_, id) => ids(bySentences(id)),
    "keyword and static": async (question) => ids(fuse(byWords(question), byPieces(question), SETTINGS.static)),
    "keyword and minilm": async (question, id) => ids(fuse(byWords(question), bySentences(id), SETTINGS.minilm)),
  }
}

const [indexFile, theme] = process.argv.slice(2)
const index = JSON.parse(readFileSync(indexFile, "utf8"))
const questions = readFileSync(QUESTIONS, "utf8").trim().split("\n").map(JSON.parse)
const vectors = JSON.parse(readFileSync(0, "utf8"))
for (const [name, search] of Object.entries(await searches(index, theme, vectors))) {
  for (const { id, question } of questions)
    console.log(JSON.stringify({ search: name, question: id, found: await search(question, id) }))
}
