// Which sections each search finds for each question: one line of JSON a question. `measure.py` makes rates of it.
//
//     node scripts/search/rank.mjs site/search/search_index.json path/of/the/package/material

import { readFileSync } from "node:fs"
import * as keyword from "../../docs/assets/search/keyword.js"
import { sectionsOf } from "../../docs/assets/search/sections.js"
import { open as openFormer } from "./former.mjs"
import { fuse } from "./fuse.mjs"
import * as meaning from "./meaning.mjs"

const ROOT = new URL("../../", import.meta.url)
const QUESTIONS = new URL("docs/evidence/search/questions.jsonl", ROOT)
const STATIC = new URL("docs/assets/vendor/static/", ROOT)
const SHOWN = 10 // sections kept of each list

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

/** The searches by name: each from a question to sections' addresses, best first. */
async function searches(index, theme) {
  const sections = sectionsOf(index)
  const known = new Set(sections.map(({ id }) => id))
  const former = await openFormer(theme, index)
  const words = await keyword.build(sections)
  const meanings = await meaning.build(sections, readTable())
  const ids = (results) => results.slice(0, SHOWN).map(({ section }) => section.id)
  return {
    // The beginning of a page stands twice in mkdocs' index where its heading has an anchor; here it is one section.
    former: async (question) => {
      const found = await former(question)
      return [...new Set(found.map((id) => (known.has(id) ? id : id.split("#")[0])))].slice(0, SHOWN)
    },
    keyword: async (question) => ids(keyword.rank(words, question)),
    static: async (question) => ids(meaning.rank(meanings, question)),
    "keyword and static": async (question) =>
      ids(fuse(keyword.rank(words, question), meaning.rank(meanings, question))),
  }
}

const [indexFile, theme] = process.argv.slice(2)
const index = JSON.parse(readFileSync(indexFile, "utf8"))
const questions = readFileSync(QUESTIONS, "utf8").trim().split("\n").map(JSON.parse)
for (const [name, search] of Object.entries(await searches(index, theme))) {
  for (const { id, question } of questions)
    console.log(JSON.stringify({ search: name, question: id, found: await search(question) }))
}
