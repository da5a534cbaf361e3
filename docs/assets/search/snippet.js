// The piece of a section that shows why it was found. Pure.

import { termsOf, wordsOf } from "./text.js"

const LENGTH = 170 // characters; two lines on a desktop, four on a phone

/**
 * Cuts a text into pieces, those that are words found apart from the others.
 * @param {string} text
 * @param {Set<string>} terms  as in the index, so that a slip in the question marks the right word
 * @returns {{ text: string, found: boolean }[]} which give the text again when joined
 */
export function marked(text, terms) {
  const pieces = []
  let end = 0
  for (const word of wordsOf(text)) {
    if (!termsOf(word.word).some((term) => terms.has(term))) continue
    if (word.start > end) pieces.push({ text: text.slice(end, word.start), found: false })
    pieces.push({ text: text.slice(word.start, word.end), found: true })
    end = word.end
  }
  if (end < text.length) pieces.push({ text: text.slice(end), found: false })
  return pieces
}

/** Where to begin: the first word found after which most different terms follow within the length. */
function bestStart(text, terms, length) {
  const hits = wordsOf(text).flatMap(({ word, start }) => {
    const term = termsOf(word).find((one) => terms.has(one))
    return term ? [{ term, start }] : []
  })
  let best = { start: 0, kinds: 0 }
  for (const { start } of hits) {
    const within = hits.filter((hit) => hit.start >= start && hit.start < start + length)
    const kinds = new Set(within.map(({ term }) => term)).size
    if (kinds > best.kinds) best = { start, kinds }
  }
  return best.start
}

/**
 * The part of a text in which most of the words found stand together, begun and ended between words.
 * @param {string} text
 * @param {Set<string>} terms  as in the index
 * @param {number} length  in characters, roughly
 * @returns {{ text: string, found: boolean }[]}
 */
export function snippet(text, terms, length = LENGTH) {
  const lead = Math.max(0, bestStart(text, terms, length) - length / 4)
  const start = lead === 0 ? 0 : text.indexOf(" ", lead) + 1
  let end = Math.min(text.length, start + length)
  if (end < text.length) end = Math.max(text.lastIndexOf(" ", end), start + 1)
  const cut = `${start > 0 ? "… " : ""}${text.slice(start, end)}${end < text.length ? " …" : ""}`
  return marked(cut, terms)
}
