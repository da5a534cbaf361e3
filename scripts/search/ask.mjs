// What the page "Ask this guide" searches, and what it finds: for scripts/record_ask.py, which writes what the page fetches.
//
//     node scripts/search/ask.mjs passages site/search/search_index.json   # prints each passage and its vector's name
//     node scripts/search/ask.mjs found site/search/search_index.json      # reads questions with vectors; prints the run

import { readFileSync } from "node:fs"
import { taken } from "../../docs/assets/tools/ask/hits.js"
import { nameOf, passagesOfGuide, readVectors } from "../../docs/assets/tools/ask/passages.js"
import { promptFor } from "../../docs/assets/tools/ask/prompt.js"
import { byKeyword, byVectors, indexOf } from "../../docs/assets/tools/ask/retrieve.js"
import { DEFAULTS, leastOf, MOST_PASSAGES } from "../../docs/assets/tools/ask/state.js"

const FOLDER = new URL("../../docs/assets/tools/ask/", import.meta.url)
const SHOWN = MOST_PASSAGES + 2 // hits kept of each search: the prompt's, and what comes next

/** The vectors of passages, as the page reads them. */
function vectorsOf(passages) {
  const { names } = JSON.parse(readFileSync(new URL("vectors.json", FOLDER), "utf8"))
  const { buffer, byteOffset, byteLength } = readFileSync(new URL("vectors.bin", FOLDER))
  const known = readVectors(names, buffer.slice(byteOffset, byteOffset + byteLength))
  return passages.map((passage) => known.get(nameOf(passage)))
}

const rounded = (hits) =>
  hits.slice(0, SHOWN).map(({ place, score, closeness }) => {
    const digits = score > 1 ? 10 : 10_000
    return { place, score: Math.round(digits * score) / digits, closeness: Math.round(1000 * closeness) / 1000 }
  })

/** The prompt that the page makes of hits, with its own thresholds; null where nothing is close enough. */
function promptOf(question, by, hits, k, passages) {
  const close = taken(hits, k, leastOf({ ...DEFAULTS, by }))
  const texts = close.map(({ place }) => passages[place].shown)
  return texts.length ? promptFor(question, texts) : null
}

/** What each search finds for a question, and the prompts of one and of the usual number of passages. */
function run({ question, vector }, passages, index, vectors) {
  const keyword = byKeyword(index, question)
  const all = { keyword, ...byVectors(keyword, vectors, vector) }
  const hits = Object.fromEntries(Object.entries(all).map(([by, some]) => [by, rounded(some)]))
  const prompts = Object.entries(hits).flatMap(([by, some]) =>
    [1, DEFAULTS.k].map((k) => promptOf(question, by, some, k, passages)),
  )
  const usual = promptOf(question, DEFAULTS.by, hits[DEFAULTS.by], DEFAULTS.k, passages)
  const places = new Set(Object.values(hits).flatMap((some) => some.map(({ place }) => place)))
  const kept = Object.fromEntries([...places].map((place) => [place, passages[place]]))
  return { question, hits, passages: kept, usual, prompts: [...new Set(prompts.filter(Boolean))] }
}

const [task, indexFile] = process.argv.slice(2)
const passages = await passagesOfGuide(JSON.parse(readFileSync(indexFile, "utf8")))
if (task === "passages") {
  console.log(JSON.stringify(passages.map((passage) => ({ name: nameOf(passage), shown: passage.shown }))))
} else {
  const asked = JSON.parse(readFileSync(0, "utf8"))
  const [index, vectors] = [await indexOf(passages), vectorsOf(passages)]
  const runs = asked.map((one) => run(one, passages, index, vectors))
  console.log(JSON.stringify({ count: passages.length, runs }))
}
