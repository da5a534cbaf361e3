// Search by meaning: a vector for each word piece, made from all-MiniLM-L6-v2 (scripts/search/distil.mjs); a text is the
// mean of its pieces. Pure, but for pauses in which the page may draw.

import { Tokenizer } from "../../docs/assets/tools/embed/tokenizer.js"

const WINDOW = 120 // words of a section that share a vector: in a longer text single meanings drown
const PAUSE_AFTER = 8 // milliseconds of work before the page may draw again

/**
 * @typedef {Object} Table
 * @property {Tokenizer} tokenizer
 * @property {number} dimensions
 * @property {Float32Array} scales  by piece
 * @property {Int8Array} numbers  piece after piece; times its scale, a piece's vector
 */

/**
 * Reads the files that `make vendor` makes.
 * @param {string} pieces  one a line
 * @param {ArrayBuffer} bytes  a factor of 32 bits for each piece, then the numbers of each
 * @param {number} dimensions
 * @returns {Table}
 * @throws {Error} where the two do not fit together
 */
export function tableOf(pieces, bytes, dimensions) {
  const count = pieces.trimEnd().split("\n").length
  if (bytes.byteLength !== count * (4 + dimensions)) throw new Error("The vectors do not fit their list of pieces.")
  return {
    tokenizer: new Tokenizer(pieces),
    dimensions,
    scales: new Float32Array(bytes, 0, count),
    numbers: new Int8Array(bytes, 4 * count),
  }
}

/** The pieces of a text that have a vector. `known` keeps those of words met before. */
function piecesOf(text, { tokenizer }, known) {
  return text.split(/\s+/).flatMap((word) => {
    if (!known.has(word)) {
      const ids = tokenizer.encode(word, Number.POSITIVE_INFINITY).filter((id) => id !== undefined)
      known.set(word, ids)
    }
    return known.get(word)
  })
}

/** The vector of a text, of length 1; null where none of its pieces has one. */
export function vectorOf(text, table, known = new Map()) {
  const { dimensions, scales, numbers } = table
  const sum = new Float32Array(dimensions)
  for (const id of piecesOf(text, table, known)) {
    for (let at = 0; at < dimensions; at++) sum[at] += numbers[id * dimensions + at] * scales[id]
  }
  const length = Math.hypot(...sum)
  return length ? sum.map((number) => number / length) : null
}

/** A section's windows, each under its headings: `Your own index` says little without the page it is on. */
export function windowsOf({ page, title, text, tags, first }) {
  const words = text.split(/\s+/).filter(Boolean)
  const heading = first ? `${title} ${tags}` : `${page} ${title}`
  const windows = [`${heading} ${words.slice(0, WINDOW).join(" ")}`]
  for (let at = WINDOW; at < words.length; at += WINDOW) {
    windows.push(`${heading} ${words.slice(at, at + WINDOW).join(" ")}`)
  }
  return windows
}

/**
 * The vectors of all windows of all sections, a few at a time.
 * @returns {Promise<{ table: Table, entries: { section: import("../../docs/assets/search/sections.js").Section, vector: Float32Array }[] }>}
 */
export async function build(sections, table) {
  const known = new Map()
  const entries = []
  let since = performance.now()
  for (const section of sections) {
    for (const text of windowsOf(section)) {
      const vector = vectorOf(text, table, known)
      if (vector) entries.push({ section, vector })
    }
    if (performance.now() - since > PAUSE_AFTER) {
      await new Promise((resolve) => setTimeout(resolve))
      since = performance.now()
    }
  }
  return { table, entries }
}

/**
 * The sections by similarity to a question's vector, each by its nearest window, best first.
 * @param {{ section: Object, vector: ArrayLike<number> }[]} entries
 * @param {ArrayLike<number>|null} question
 * @returns {{ section: import("../../docs/assets/search/sections.js").Section, similarity: number }[]}  cosines
 */
export function nearest(entries, question) {
  if (!question) return []
  const best = new Map()
  for (const { section, vector } of entries) {
    let similarity = 0
    for (let at = 0; at < vector.length; at++) similarity += vector[at] * question[at]
    if (similarity > (best.get(section) ?? -1)) best.set(section, similarity)
  }
  return [...best].map(([section, similarity]) => ({ section, similarity })).sort((a, b) => b.similarity - a.similarity)
}

/** The sections that mean what a question means, best first. */
export function rank({ table, entries }, question) {
  return nearest(entries, vectorOf(question, table))
}
