// What a question asks for: each of its words, and what may stand for it in the guide. Pure.

import { synonymsIn } from "./synonyms.js"
import { STOP_WORDS, stemOf, termsOf, wordsOf } from "./text.js"

const SHORTEST_MISSPELT = 4 // letters: shorter words have too many neighbours
const SHORTEST_HALF = 3 // letters

/**
 * @typedef {Object} Alternative  what may stand for a word
 * @property {string[]} terms  a section must have all of them
 * @property {number} weight  how much less it counts than the word itself
 * @property {"word" | "form" | "joined" | "synonym"} kind  the word itself, another form, written together or apart, or
 *   what the guide says for it
 * @property {string} [phrase]  of a synonym: what it stands for, as typed
 * @property {boolean} [prefix]  whether a word that begins so will do
 * @property {boolean} [fuzzy]  whether a word spelt much like it will do
 */

/** Two known words of which a term is made without a gap (`huggingface`), or nothing. */
function cutInTwo(term, vocabulary) {
  for (let at = SHORTEST_HALF; at <= term.length - SHORTEST_HALF; at++) {
    const halves = [term.slice(0, at), term.slice(at)]
    if (halves.every((half) => vocabulary.has(half))) return halves
  }
  return null
}

/** The words of a question, and whether each says something; where none does, all count. */
function wordsAsked(question) {
  const words = wordsOf(question).map(({ word }) => ({ word, tells: !STOP_WORDS.has(word.toLowerCase()) }))
  return words.some(({ tells }) => tells) ? words : words.map(({ word }) => ({ word, tells: true }))
}

/** A word itself, its other forms, its beginning while it is being typed, and what it may be a slip of. */
function ownAlternatives(word, isTyped, { vocabulary, forms }, weights) {
  const [whole, ...parts] = termsOf(word)
  const others = (forms.get(stemOf(whole)) ?? []).filter((form) => form !== whole)
  const known = vocabulary.has(whole)
  const alternatives = [
    {
      kind: "word",
      terms: [whole],
      weight: 1,
      prefix: isTyped || !known,
      fuzzy: !known && !others.length && whole.length >= SHORTEST_MISSPELT,
    },
  ]
  for (const form of others) alternatives.push({ kind: "form", terms: [form], weight: weights.form })
  if (/[-‐‑_]/u.test(word)) alternatives.push({ kind: "joined", terms: parts, weight: 1 })
  const halves = cutInTwo(whole, vocabulary)
  if (halves) alternatives.push({ kind: "joined", terms: halves, weight: 1 })
  return alternatives
}

/** Adds, to each of two neighbours, the two written as one: `fine tuning` as `finetuning`. */
function addJoined(telling, vocabulary) {
  for (const [at, second] of telling.entries()) {
    const first = telling[at - 1]
    const joined = first && termsOf(`${first.word}-${second.word}`)[0]
    if (!vocabulary.has(joined)) continue
    for (const { alternatives } of [first, second]) alternatives.push({ kind: "joined", terms: [joined], weight: 1 })
  }
}

/** Adds, to the words of a phrase for which the guide says something else, that: to each an equal part. */
function addSynonyms(asked, weight) {
  for (const { start, end, terms } of synonymsIn(asked.map(({ word }) => word))) {
    const words = asked.slice(start, end)
    const telling = words.filter(({ tells }) => tells)
    const phrase = words.map(({ word }) => word).join(" ")
    for (const { alternatives } of telling)
      alternatives.push(
        ...terms.map((row) => ({ kind: "synonym", phrase, terms: row, weight: weight / telling.length })),
      )
  }
}

/**
 * For each word of a question that says something what may stand for it.
 * @param {string} question  as typed
 * @param {import("./keyword.js").Index} index
 * @param {{ form: number, synonym: number }} weights
 * @returns {{ word: string, alternatives: Alternative[] }[]}  as typed; the word itself is the first alternative
 */
export function alternativesOf(question, index, weights) {
  const asked = wordsAsked(question)
  for (const [at, one] of asked.entries()) {
    const isTyped = at === asked.length - 1 && !/\s$/.test(question)
    one.alternatives = ownAlternatives(one.word, isTyped, index, weights)
  }
  const telling = asked.filter(({ tells }) => tells)
  addJoined(telling, index.vocabulary)
  if (weights.synonym) addSynonyms(asked, weights.synonym)
  return telling.map(({ word, alternatives }) => ({ word, alternatives }))
}
