// Words of a text, as the search compares them. Pure: no page, no browser.
//
// No lookbehind in a regular expression: Safari before 16.4 refuses the whole file.

// What stands together: letters, digits and marks, with one hyphen, dot or underscore at a time inside. `C++` and `C#` are names.
const WORD = /[\p{L}\p{N}\p{M}]+(?:[-‐‑._'’][\p{L}\p{N}\p{M}]+)*(?:\+\+|#(?![\p{L}\p{N}]))?/gu
const PARTS = /[-‐‑._'’]/u
// In `SentenceTransformer`: `Sentence`, `Transformer`. In `HTMLParser`: `HTML`, `Parser`.
const CAMEL = /\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{N}+/gu
const SHORTEST_CAMEL_PART = 3 // of `QLoRA`, `q`, `lo` and `ra` say nothing

// Endings that forms of a word do not share, the first that fits; a syllable must be left.
const ENDINGS = [
  /^(.*[aeiouy].*[a-z])ing$/,
  /^(.*[aeiouy].*[ts])ion$/,
  /^(.*[aeiouy][a-z]+)ed$/,
  /^(.{5,})al$/,
  /^(.{3,})e$/,
]

// Too frequent to demand of a section. A question made of nothing else keeps them.
export const STOP_WORDS = new Set(
  (
    "a about all am an and any are as at be been but by can did do does for from had has have how i if in into is it its " +
    "just me my of on or our please really should so than that the their them then there these they this to us was we were " +
    "what when where which who why will with would you your"
  ).split(" "),
)

/** A word in small letters, without accents. */
function fold(word) {
  return word.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
}

/**
 * The terms under which one word is found: `LoraConfig` as `loraconfig`, `lora`, `config`; `fine-tuning` as `finetuning`,
 * `fine`, `tuning`; `0.45` as itself.
 * @param {string} word  as `wordsOf` cuts it
 * @returns {string[]} without repetition, the whole first
 */
export function termsOf(word) {
  const number = /^\p{N}+(?:\.\p{N}+)+$/u.test(word)
  const parts = number ? [word] : word.split(PARTS)
  const terms = [number ? word : fold(parts.join(""))]
  for (const part of parts) {
    terms.push(fold(part))
    const humps = part.normalize("NFC").match(CAMEL) ?? []
    if (humps.length > 1) terms.push(...humps.filter((hump) => hump.length >= SHORTEST_CAMEL_PART).map(fold))
  }
  return [...new Set(terms)]
}

/**
 * What the forms of a word share, roughly: `tokens` and `token`, `training` and `trained`, `optimization` and `optimise`. It
 * is compared with other stems only, and never shown.
 * @param {string} term  in small letters
 */
export function stemOf(term) {
  if (!/^[a-z]{4,}$/.test(term)) return term
  let stem = term
    .replace(/ies$/, "y")
    .replace(/(ss|sh|ch|x)es$/, "$1")
    .replace(/([^aisu])s$/, "$1")
  stem = stem.replace(/iz(?=(?:e|ed|ing|ation)$)/, "is").replace(/dgement$/, "dgment")
  const ending = ENDINGS.find((one) => one.test(stem))
  if (ending) stem = stem.replace(ending, "$1").replace(/isat$/, "is")
  return stem.replace(/([bdglmnprt])\1$/, "$1")
}

/**
 * Where the words of a text are.
 * @param {string} text
 * @returns {{ word: string, start: number, end: number }[]}
 */
export function wordsOf(text) {
  return [...text.matchAll(WORD)].map((match) => ({
    word: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }))
}

/** All terms of a text, in its order. */
export function tokenise(text) {
  return wordsOf(text).flatMap(({ word }) => termsOf(word))
}

/** The text of a piece of HTML as the search index holds it: tags without attributes, four entities. */
export function plain(html) {
  const entities = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&amp;": "&" }
  return html
    .replace(/<\/?[a-zA-Z][^>]*>/g, " ")
    .replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => entities[entity])
    .replace(/\s+/g, " ")
    .trim()
}
