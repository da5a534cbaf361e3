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
    for (const { id, score, terms: matched, match } of find(term, prefix, fuzzy)) {
      const one = found.get(id) ?? { score: 0, terms: [], fields: [], times: 0 }
      found.set(id, {
        score: one.score + score / terms.length,
        terms: [...one.terms, ...matched],
        fields: [...one.fields, ...Object.values(match).flat()],
        times: one.times + 1,
      })
    }
  }
  return [...found].filter(([, { times }]) => times === terms.length)
}

/** The sections that have a word, or what may stand for it: of several the score of the best, and by which that was. */
function havingWord(alternatives, find) {
  const found = new Map()
  for (const alternative of alternatives) {
    for (const [id, { score, terms, fields }] of havingAll(alternative, find)) {
      const one = found.get(id) ?? { score: 0, terms: [], best: null }
      const own = alternative.weight * score
      found.set(id, {
        score: Math.max(one.score, own),
        terms: [...one.terms, ...terms],
        best: own > one.score ? { alternative, terms, fields } : one.best,
      })
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
 * @typedef {Object} Result  a section found, and all that its score is made of
 * @property {import("./sections.js").Section} section
 * @property {Set<string>} terms  what was found
 * @property {number} score  the sum over `words`, times `coverage`, times `phrase`
 * @property {{ asked: Asked, score: number, best: Object }[]} words  what each word of the question adds, and by which
 *   alternative, with the terms and the fields in which it was found
 * @property {number} coverage  from 0 to 1: the share of the question's words that the section has, the rare ones counting
 *   more, to a power
 * @property {number} phrase  how much more it counts for the words side by side; else 1
 * @property {Asked[]} asked  the words of the question that count
 *
 * @typedef {{ word: string, sections: number }} Asked  a word as typed, and how many sections have it or what stands for it
 */

/**
 * The sections that answer a question, best first: the more of its words a section has, and the rarer these are, the better.
 * @param {Index} index
 * @param {string} question  as typed
 * @returns {Result[]}
 */
export function rank(index, question, settings = SETTINGS) {
  const find = lookUp(index, settings)
  const found = new Map() // by section: what each word of the question adds
  const asked = []
  let whole = 0
  for (const { word, alternatives } of alternativesOf(question, index, settings)) {
    const having = havingWord(alternatives, find)
    const rarity = having.size ? Math.log(1 + index.sections.size / having.size) : 0
    whole += rarity
    asked.push({ word, sections: having.size })
    for (const [id, { score, terms, best }] of having) {
      const one = found.get(id) ?? { section: index.sections.get(id), terms: new Set(), words: [], score: 0, share: 0 }
      for (const term of terms) one.terms.add(term)
      one.words.push({ asked: asked.at(-1), score, best })
      one.score += score
      one.share += rarity
      found.set(id, one)
    }
  }
  const phrase = rowOf(question)
  const isPhrase = phrase.trim().includes(" ")
  return [...found.values()]
    .map(({ section, terms, words, score, share }) => {
      const boost = isPhrase ? phraseBoost(index.rows.get(section.id), phrase, settings.phrase) : 1
      const coverage = (share / whole) ** settings.coverage
      return { section, terms, words, coverage, phrase: boost, asked, score: score * coverage * boost }
    })
    .sort((a, b) => b.score - a.score)
}
