// Why a section was found and stands where it does: its score by words, taken apart. Fetched when the reader asks. Pure.

import { termsOf } from "./text.js"

const FIELDS = { tags: "keywords", title: "heading", page: "page title", text: "text" } // in the order they are named in
const NAMED = 4 // words found, of the many that begin like a word half typed

/** What stands above the reasons: text, and links to pages below the site's address. */
export const NOTE = [
  "Each of your words adds to a section’s score (BM25: rare words add more, and so do words in a heading). Words that the " +
    "section lacks make the score smaller, the rare ones most. This box compares words only, so it has no similarity and " +
    "no fused rank to show: ",
  { page: "tools/ask/", words: "Ask this guide" },
  " shows all three with their scores, and ",
  { page: "evidence/search/", words: "how they compare is measured" },
  ".",
]

const quoted = (words) => words.map((word) => `“${word}”`).join(", ")

function named(terms) {
  const each = [...new Set(terms)]
  const others = each.length - NAMED
  return others > 0 ? `${quoted(each.slice(0, NAMED))} and ${others} more` : quoted(each)
}

/** The word itself, words that begin so, words spelt much like it: what of these was found. */
function itself(word, terms) {
  const [whole] = termsOf(word)
  const longer = terms.filter((term) => term !== whole && term.startsWith(whole))
  const alike = terms.filter((term) => !term.startsWith(whole))
  return [
    terms.includes(whole) && quoted([whole]),
    longer.length && `${named(longer)}, beginning with “${whole}”`,
    alike.length && `${named(alike)}, spelt much like “${whole}”`,
  ]
    .filter(Boolean)
    .join("; ")
}

function found({ asked: { word }, best: { alternative, terms } }) {
  const how = {
    word: () => itself(word, terms),
    form: () => `${named(terms)}, a form of “${word}”`,
    joined: () => `${named(terms)}, for “${word}” written another way`,
    synonym: () => `${named(terms)}, a synonym of “${alternative.phrase}”`,
  }
  return how[alternative.kind]()
}

function where({ best: { fields } }) {
  return Object.entries(FIELDS)
    .filter(([field]) => fields.includes(field))
    .map(([, name]) => name)
    .join(", ")
}

/** The factor for words that are missing, and the one for words side by side, each with its reason; those of 1 are left out. */
function factors({ asked, words, coverage, phrase }) {
  const has = new Set(words.map((one) => one.asked))
  const lacking = asked.filter((one) => !has.has(one) && one.sections)
  const nowhere = asked.filter((one) => !one.sections)
  const lines = []
  if (lacking.length) lines.push(`× ${coverage.toFixed(3)}: it lacks ${quoted(lacking.map(({ word }) => word))}`)
  if (phrase > 1) lines.push(`× ${phrase}: it has your words side by side`)
  if (nowhere.length) lines.push(`Left out, as no section has it: ${quoted(nowhere.map(({ word }) => word))}`)
  return lines
}

/**
 * What a result's score is made of, in words; with enough decimals that a reader can work the score out again.
 * @param {import("./keyword.js").Result} result
 * @param {number} rank  from 1
 * @param {number} of  how many sections were found
 * @returns {{ head: string, lines: string[] }}
 */
export function reasons(result, rank, of) {
  const added = new Map() // the words of a phrase share a synonym: one line for all of them
  for (const word of result.words) {
    const reason = `${found(word)} (${where(word)})`
    added.set(reason, (added.get(reason) ?? 0) + word.score)
  }
  const sum = [...added].map(([reason, score]) => `+ ${score.toFixed(2)}: ${reason}`)
  return { head: `Rank ${rank} of ${of}, score ${result.score.toFixed(1)}`, lines: [...sum, ...factors(result)] }
}
