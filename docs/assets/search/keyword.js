// Search by words: BM25 by MiniSearch (vendor/minisearch/), over the sections of the guide. Pure.
//
// A search by meaning may stand beside this file and offer the same two functions, `build` and `rank`.

import MiniSearch from "../vendor/minisearch/minisearch.js"
import { STOP_WORDS, termsOf, tokenise, wordsOf } from "./text.js"

const BOOST = { tags: 12, title: 6, page: 3, text: 1 }
const FIELDS = Object.keys(BOOST)
const FIRST_BOOST = 1.5 // the beginning of a page, before one of its sections
const PHRASE_BOOST = { title: 6, text: 3 } // the words as they were typed, side by side
const BM25 = { k: 1.2, b: 0.7, d: 0.5 }
const COVERAGE = 1 // how much a section loses that lacks some of the words: the power of the share that it has
const SHORTEST_MISSPELT = 4 // letters: shorter words have too many neighbours
const CHUNK = 40 // sections indexed before the page may draw again

/**
 * @typedef {Object} Index
 * @property {MiniSearch} engine
 * @property {Map<string, Object>} sections  by id, each with its words in a row, folded
 * @property {Set<string>} vocabulary  every term
 */

/**
 * Indexes sections, a few at a time, so that typing does not wait.
 * @param {import("./sections.js").Section[]} sections
 * @returns {Promise<Index>}
 */
export async function build(sections) {
  const vocabulary = new Set()
  const engine = new MiniSearch({
    idField: "id",
    fields: FIELDS,
    tokenize: (text) => {
      const terms = tokenise(text)
      for (const term of terms) vocabulary.add(term)
      return terms
    },
    processTerm: (term) => term,
  })
  await engine.addAllAsync(sections, { chunkSize: CHUNK })
  return { engine, vocabulary, sections: new Map(sections.map((section) => [section.id, section])) }
}

/** Two known words of which a term is made without a gap (`huggingface`), or nothing. */
function cutInTwo(term, vocabulary) {
  for (let at = 3; at <= term.length - 3; at++) {
    const halves = [term.slice(0, at), term.slice(at)]
    if (halves.every((half) => vocabulary.has(half))) return halves
  }
  return null
}

/** What one word of a question asks for: the word, its beginning while it is being typed, and what it may be a slip of. */
function queryOf(word, isLast, vocabulary) {
  const whole = termsOf(word)[0]
  const known = vocabulary.has(whole)
  const alternatives = [
    {
      queries: [whole],
      prefix: isLast || !known,
      fuzzy: !known && whole.length >= SHORTEST_MISSPELT ? 0.2 : false,
      maxFuzzy: 2,
      weights: { fuzzy: 0.4, prefix: 0.3 },
    },
  ]
  const parts = termsOf(word).slice(1)
  if (/[-‐‑_]/u.test(word)) alternatives.push({ combineWith: "AND", queries: parts })
  const halves = cutInTwo(whole, vocabulary)
  if (halves) alternatives.push({ combineWith: "AND", queries: halves })
  return { combineWith: "OR", queries: alternatives }
}

/**
 * The queries of a question: each word that says something, or two neighbours written as one (`fine tuning` as
 * `finetuning`). Words that say little are asked for only when there are no others.
 */
function queriesOf(question, vocabulary) {
  const all = wordsOf(question).map(({ word }) => word)
  const telling = all.filter((word) => !STOP_WORDS.has(word.toLowerCase()))
  const words = telling.length ? telling : all
  const last = all[all.length - 1]
  return words.map((word, index) => {
    const query = queryOf(word, word === last && !/\s$/.test(question), vocabulary)
    for (const pair of [words.slice(index - 1, index + 1), words.slice(index, index + 2)]) {
      const joined = pair.length === 2 && termsOf(pair.join("-"))[0]
      if (joined && vocabulary.has(joined)) query.queries.push(joined)
    }
    return query
  })
}

/** How much more a section counts that has the words of the question side by side. */
function phraseBoost(section, phrase) {
  if (phrase.length < 2) return 1
  const row = (text) =>
    ` ${wordsOf(text)
      .flatMap(({ word }) => word.split(/[-‐‑_]/u))
      .join(" ")
      .toLowerCase()} `
  const words = row(phrase.join(" "))
  if (row(section.title).includes(words)) return PHRASE_BOOST.title
  return row(section.text).includes(words) ? PHRASE_BOOST.text : 1
}

/**
 * The sections that answer a question, best first: the more of its words a section has, the better.
 * @param {Index} index
 * @param {string} question  as typed
 * @returns {{ section: import("./sections.js").Section, terms: Set<string>, score: number }[]}  `terms`: what was found
 */
export function rank(index, question) {
  const queries = queriesOf(question, index.vocabulary)
  const options = {
    boost: BOOST,
    boostDocument: (id) => (index.sections.get(id).first ? FIRST_BOOST : 1),
    bm25: BM25,
    tokenize: (term) => [term],
    processTerm: (term) => term,
  }
  const found = new Map() // by section: what each word of the question adds
  for (const query of queries) {
    for (const { id, score, terms } of index.engine.search(query, options)) {
      const one = found.get(id) ?? { section: index.sections.get(id), terms: new Set(), score: 0, words: 0 }
      for (const term of terms) one.terms.add(term)
      one.score += score
      one.words += 1
      found.set(id, one)
    }
  }
  const phrase = wordsOf(question).map(({ word }) => word)
  return [...found.values()]
    .map(({ section, terms, score, words }) => {
      const share = words / queries.length
      return { section, terms, score: score * share ** COVERAGE * phraseBoost(section, phrase) }
    })
    .sort((a, b) => b.score - a.score)
}
