// Search by words: BM25 by MiniSearch (vendor/minisearch/), over the sections of the guide. Pure.
//
// A search by meaning may stand beside this file and offer the same two functions, `build` and `rank`.

import MiniSearch from "../vendor/minisearch/minisearch.js"
import { alternativesOf } from "./query.js"
import { stemOf, tokenise, wordsOf } from "./text.js"

// Chosen on the questions of `dev`, reported on those of `test`: docs/evidence/search.md.
export const SETTINGS = {
  boost: { tags: 12, title: 6, page: 4, text: 1 },
  first: 1.25, // the beginning of a page, before one of its sections
  phrase: { title: 6, text: 2 }, // the words as they were typed, side by side
  bm25: { k: 1.2, b: 0.7, d: 0.25 },
  coverage: 1.5, // how much a section loses that lacks some of the words: the power of the share that it has
  form: 0.7, // another form of a word, `trained` for `training`
  synonym: 0.7, // what the guide says for it
  prefix: 0.3, // a word that begins so
  fuzzy: 0.4, // a word spelt much like it
}
const FIELDS = Object.keys(SETTINGS.boost)
const SLIPS = 0.2 // of a word's letters
const MOST_SLIPS = 2
const CHUNK = 40 // sections indexed before the page may draw again

/**
 * @typedef {Object} Index
 * @property {MiniSearch} engine
 * @property {Map<string, Object>} sections  by id
 * @property {Map<string, { title: string, text: string }>} rows  of each section its words, as phrases are compared
 * @property {Set<string>} vocabulary  every term
 * @property {Map<string, string[]>} forms  the terms of each stem
 */

/** The terms of each stem. */
function formsOf(vocabulary) {
  const forms = new Map()
  for (const term of vocabulary) {
    const stem = stemOf(term)
    if (forms.has(stem)) forms.get(stem).push(term)
    else forms.set(stem, [term])
  }
  return forms
}

/** The words of a text in a row, small and without hyphens, with a space before and after each. */
function rowOf(text) {
  const words = wordsOf(text).flatMap(({ word }) => word.split(/[-‐‑_]/u))
  return ` ${words.join(" ").toLowerCase()} `
}

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
  const byId = new Map(sections.map((section) => [section.id, section]))
  const rows = new Map(sections.map(({ id, title, text }) => [id, { title: rowOf(title), text: rowOf(text) }]))
  return { engine, vocabulary, sections: byId, rows, forms: formsOf(vocabulary) }
}

/** Looks single terms up, each once: the sections that have it with their scores. */
function lookUp({ engine, sections }, { boost, first, bm25, prefix, fuzzy }) {
  const options = {
    boost,
    boostDocument: (id) => (sections.get(id).first ? first : 1),
    bm25,
    weights: { prefix, fuzzy },
    maxFuzzy: MOST_SLIPS,
    tokenize: (term) => [term],
    processTerm: (term) => term,
  }
  const known = new Map()
  return (term, isPrefix = false, isFuzzy = false) => {
    const key = `${term} ${isPrefix} ${isFuzzy}`
    if (!known.has(key)) {
      known.set(key, engine.search(term, { ...options, prefix: isPrefix, fuzzy: isFuzzy ? SLIPS : false }))
    }
    return known.get(key)
  }
}

/** The sections that have all terms of an alternative: the mean of their scores, and what was found. */
function havingAll({ terms, prefix, fuzzy }, find) {
  const found = new Map()
  for (const term of terms) {
    for (const { id, score, terms: matched } of find(term, prefix, fuzzy)) {
      const one = found.get(id) ?? { score: 0, terms: [], times: 0 }
      found.set(id, {
        score: one.score + score / terms.length,
        terms: [...one.terms, ...matched],
        times: one.times + 1,
      })
    }
  }
  return [...found].filter(([, { times }]) => times === terms.length)
}

/** The sections that have a word, or what may stand for it: of several the score of the best. */
function havingWord(alternatives, find) {
  const found = new Map()
  for (const alternative of alternatives) {
    for (const [id, { score, terms }] of havingAll(alternative, find)) {
      const one = found.get(id) ?? { score: 0, terms: [] }
      found.set(id, { score: Math.max(one.score, alternative.weight * score), terms: [...one.terms, ...terms] })
    }
  }
  return found
}

/** How much more a section counts that has the words of the question side by side. */
function phraseBoost(rows, phrase, boosts) {
  if (rows.title.includes(phrase)) return boosts.title
  return rows.text.includes(phrase) ? boosts.text : 1
}

/**
 * The sections that answer a question, best first: the more of its words a section has, and the rarer these are, the better.
 * @param {Index} index
 * @param {string} question  as typed
 * @returns {{ section: import("./sections.js").Section, terms: Set<string>, score: number }[]}  `terms`: what was found
 */
export function rank(index, question, settings = SETTINGS) {
  const find = lookUp(index, settings)
  const found = new Map() // by section: what each word of the question adds
  let whole = 0
  for (const alternatives of alternativesOf(question, index, settings)) {
    const having = havingWord(alternatives, find)
    const rarity = having.size ? Math.log(1 + index.sections.size / having.size) : 0
    whole += rarity
    for (const [id, { score, terms }] of having) {
      const one = found.get(id) ?? { section: index.sections.get(id), terms: new Set(), score: 0, share: 0 }
      for (const term of terms) one.terms.add(term)
      one.score += score
      one.share += rarity
      found.set(id, one)
    }
  }
  const phrase = rowOf(question)
  const isPhrase = phrase.trim().includes(" ")
  return [...found.values()]
    .map(({ section, terms, score, share }) => {
      const boost = isPhrase ? phraseBoost(index.rows.get(section.id), phrase, settings.phrase) : 1
      return { section, terms, score: score * (share / whole) ** settings.coverage * boost }
    })
    .sort((a, b) => b.score - a.score)
}
