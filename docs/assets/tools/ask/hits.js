// What a search finds, and what a prompt takes of it. Pure; apart from the searches, which fetch more.

export const SEARCHES = ["keyword", "minilm", "fused"]

/**
 * @typedef {Object} Hit
 * @property {number} place  of the passage
 * @property {number} score  BM25, cosine, or the sum of reciprocal ranks
 * @property {number} closeness  what a threshold is compared with: of a hit by words its score, of the others the cosine
 */

/** The first `most` hits of those that are close enough. */
export const taken = (hits, most, least) => hits.filter(({ closeness }) => closeness >= least).slice(0, most)

/** All passages of the section that one is of, in order. */
export function sectionOf(passages, place) {
  const start = place - passages[place].number + 1
  return passages.slice(start, start + passages[place].of)
}
