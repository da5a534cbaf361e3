// A question put to three searches over the same passages. Pure.

import { build, rank } from "../../search/keyword.js"
import { byMeaning, depthFor, fused, fusionScores, similarities } from "../measure/retrieval.js"

const DEEP = depthFor(50) // of each search, so many are fused

/** @typedef {import("./hits.js").Hit} Hit */

/** An index of passages for the search by words: the one of the site's own search. */
export const indexOf = (passages) =>
  build(passages.map(({ page, title, text, tags, first }, id) => ({ id, page, title, text, tags, first })))

/**
 * The passages that share words with a question, best first.
 * @returns {Hit[]}
 */
export function byKeyword(index, question) {
  // The space says that the last word is whole: the search box completes what is being typed.
  return rank(index, `${question} `)
    .slice(0, DEEP)
    .map(({ section, score }) => ({ place: section.id, score, closeness: score }))
}

/**
 * The nearest passages by their vectors, and the fusion with those found by words.
 * @param {Hit[]} words  what byKeyword found
 * @param {ArrayLike<number>[]} vectors  of the passages, of length 1
 * @param {ArrayLike<number>} question
 * @returns {{minilm: Hit[], fused: Hit[]}}
 */
export function byVectors(words, vectors, question) {
  const cosines = similarities(vectors, question)
  const near = byMeaning(vectors, question, DEEP)
  const lists = [words.map(({ place }) => place), near]
  const worth = fusionScores(lists)
  return {
    minilm: near.map((place) => ({ place, score: cosines[place], closeness: cosines[place] })),
    fused: fused(lists, DEEP).map((place) => ({ place, score: worth.get(place), closeness: cosines[place] })),
  }
}
