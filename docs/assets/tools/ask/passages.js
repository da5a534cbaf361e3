// The guide, or a reader's files, as passages to search, and the vectors of the guide's passages. Pure, but for pauses in
// which the page may draw.

import { sectionsOf } from "../../search/sections.js"
import { passagesBelow } from "../measure/cutting.js"
import { PASSAGE_WORDS, passagesOf } from "../measure/questions.js"
import { sha256 } from "../measure/sha256.js"

const WIDTH = 384 // numbers in a vector of MiniLM
const PAUSE_AFTER = 12 // milliseconds of work before the page may draw again
const NAME = 6 // bytes of a hash: among some thousand passages two alike are not to be expected

/**
 * @typedef {Object} Passage
 * @property {string} document  a section's address below the site's, or a file's name
 * @property {string} page  the title of its page, or the file's name
 * @property {string} title  its heading
 * @property {string} text
 * @property {string} shown  the same below its headings: what is searched by meaning, and what a prompt holds
 * @property {string} tags  words that readers type for the page; the beginning of a page alone has them
 * @property {boolean} first  whether a page begins with it
 * @property {number} number  among the passages of its section, from 1
 * @property {number} of  how many these are
 */

/** Numbers passages within their section: neighbours of one document below one heading. */
function numbered(passages) {
  const starts = passages.map(({ document, heading }, at) => {
    const before = passages[at - 1]
    return !before || before.document !== document || before.heading !== heading
  })
  let first = 0
  return passages.map((passage, at) => {
    if (starts[at]) first = at
    let end = at + 1
    while (end < passages.length && !starts[end]) end += 1
    return { ...passage, number: at - first + 1, of: end - first }
  })
}

/** A section's text without its programs and what they print: they share words with questions, and answer none. */
const prose = (one) => ({ ...one, text: one.text.replace(/<pre\b[^>]*>[\s\S]*?<\/pre>/g, " ") })

/**
 * The passages of the guide's sections, in the order of the site's index.
 * @param {{ docs: Object[] }} index  as mkdocs writes it
 * @returns {Promise<Passage[]>}
 */
export async function passagesOfGuide(index) {
  const passages = []
  let since = performance.now()
  for (const { id, page, title, text, tags, first } of sectionsOf({ ...index, docs: index.docs.map(prose) })) {
    const path = first ? title : `${page} > ${title}`
    const parts = passagesBelow(id, path, [text], PASSAGE_WORDS)
    passages.push(...parts.map((part, at) => ({ ...part, page, title, tags: at ? "" : tags, first: first && !at })))
    if (performance.now() - since < PAUSE_AFTER) continue
    await new Promise((resolve) => setTimeout(resolve))
    since = performance.now()
  }
  return numbered(passages)
}

/**
 * The passages of a reader's files.
 * @param {{name: string, text: string}[]} files
 * @returns {Passage[]}
 */
export function passagesOfFiles(files) {
  const passages = passagesOf(files).map((one) => {
    return { ...one, page: one.document, title: one.heading, tags: "", first: false }
  })
  return numbered(passages)
}

/** The name under which a passage's vector is kept: a hash of what is searched, so that no vector outlives its text. */
export function nameOf({ shown }) {
  const bytes = sha256(new TextEncoder().encode(shown)).slice(0, NAME)
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("")
}

/**
 * Vectors of length 1 by name, from the file that holds them one after the other, as whole numbers from -127 to 127.
 * The length is not kept: all have length 1.
 */
export function readVectors(names, bytes) {
  if (bytes.byteLength !== names.length * WIDTH) throw new Error("The vectors do not fit their list of names.")
  const numbers = new Int8Array(bytes)
  const known = new Map()
  for (const [row, name] of names.entries()) {
    const vector = Float32Array.from(numbers.subarray(row * WIDTH, (row + 1) * WIDTH))
    const length = Math.hypot(...vector) || 1
    known.set(
      name,
      vector.map((number) => number / length),
    )
  }
  return known
}
