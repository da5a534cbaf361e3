// Three searches over passages, as in rung (retrieval.py): BM25 as in Lucene, cosine similarity, and both fused by rank.

const K1 = 1.5
const B = 0.75
const DEEP = 50 // results of each search that are fused
const FUSION = 60 // the constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009)
const WORD = /[\p{L}\p{N}_]+[+#]*/gu // C++ and C# are not C

// A letter may be written as one sign or as two: “ü”, or “u” with its dots behind it.
const wordsOf = (text) => text.normalize("NFC").toLowerCase().match(WORD) ?? []

/** Places by their scores, the highest first; of equal scores the lower place. Those at `least` or below are left out. */
function ranked(scores, top, least = Number.NEGATIVE_INFINITY) {
  const places = [...scores.keys()].filter((place) => scores[place] > least)
  return places.sort((one, other) => scores[other] - scores[one] || one - other).slice(0, top)
}

/** An index of words: for each, the passages that have it and how much it weighs there (Robertson and others, 1994). */
export function indexWords(texts) {
  const words = texts.map(wordsOf)
  const mean = words.reduce((sum, some) => sum + some.length, 0) / words.length || 1
  const postings = new Map()
  for (const [place, some] of words.entries()) {
    const counts = new Map()
    for (const word of some) counts.set(word, (counts.get(word) ?? 0) + 1)
    for (const [word, count] of counts) {
      if (!postings.has(word)) postings.set(word, [])
      postings.get(word).push([place, count / (count + K1 * (1 - B + (B * some.length) / mean))])
    }
  }
  return { postings, size: texts.length }
}

/** The places of the best passages by BM25, the best first. */
export function byWords({ postings, size }, question, top) {
  const scores = new Float64Array(size)
  for (const word of wordsOf(question)) {
    const found = postings.get(word) ?? []
    const rarity = Math.log(1 + (size - found.length + 0.5) / (found.length + 0.5))
    for (const [place, weight] of found) scores[place] += rarity * weight
  }
  return ranked(scores, top, 0)
}

/** How similar each passage is to a question: the cosine, where vectors have length 1. */
export const similarities = (passages, question) =>
  passages.map((passage) => passage.reduce((sum, number, at) => sum + number * question[at], 0))

/** The places of the nearest passages; vectors have length 1. */
export const byMeaning = (passages, question, top) => ranked(similarities(passages, question), top)

/** What each place of some rankings is worth: the sum of its reciprocal ranks. */
export function fusionScores(lists) {
  const scores = new Map()
  for (const list of lists) {
    for (const [rank, place] of list.entries()) scores.set(place, (scores.get(place) ?? 0) + 1 / (FUSION + rank + 1))
  }
  return scores
}

/** Two rankings as one. */
export function fused(lists, top) {
  const scores = fusionScores(lists)
  return [...scores.keys()].sort((one, other) => scores.get(other) - scores.get(one) || one - other).slice(0, top)
}

/** How deep each search has to look, so that fusion has enough. */
export const depthFor = (top) => Math.max(DEEP, top)
