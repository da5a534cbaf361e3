// Two rankings made one: by words (keyword.js) and by meaning (meaning.mjs). Pure.

// Chosen on the questions of `dev`, reported on those of `test`: docs/evidence/search.md. The list of synonyms was written from
// the same questions; without it the choice is the same.
export const SETTINGS = {
  static: { k: 2, meaning: 0.25, depth: 50 },
  minilm: { k: 10, meaning: 0.25, depth: 50 },
}

/**
 * Adds up 1 / (k + rank) over the two lists (reciprocal rank fusion; Cormack et al., 2009), the second with a weight.
 * @param {{ section: Object, terms: Set<string>, score: number }[]} words  best first
 * @param {{ section: Object, similarity: number }[]} meanings  best first
 * @param {{ k: number, meaning: number, depth: number }} settings  `depth`: of the second, so many can add a section
 * @returns {{ section: Object, terms: Set<string>, score: ?number, similarity: ?number, wordRank: ?number,
 *   meaningRank: ?number, fused: number }[]}  best first; ranks begin with 1, null where a list lacks the section
 */
export function fuse(words, meanings, { k, meaning, depth }) {
  const found = new Map()
  for (const [at, { section, terms, score }] of words.entries()) {
    const fused = 1 / (k + at + 1)
    found.set(section, { section, terms, score, similarity: null, wordRank: at + 1, meaningRank: null, fused })
  }
  for (const [at, { section, similarity }] of meanings.entries()) {
    if (at >= depth && !found.has(section)) continue
    const none = { section, terms: new Set(), score: null, wordRank: null, fused: 0 }
    const one = found.get(section) ?? none
    found.set(section, { ...one, similarity, meaningRank: at + 1, fused: one.fused + meaning / (k + at + 1) })
  }
  return [...found.values()].sort((a, b) => b.fused - a.fused)
}
