// What the address says of a question, and back. Pure.

import { SEARCHES } from "./hits.js"

export const LONGEST_QUESTION = 500 // letters
export const MOST_PASSAGES = 8 // in a prompt
export const DEFAULTS = { question: "", by: "keyword", k: 3, score: 10, near: 35 }
const RANGES = { k: [1, MOST_PASSAGES], score: [0, 100], near: [0, 100] } // `near` in hundredths

/** A whole number within its range; the default where it is none. */
function numberOf(written, name) {
  const [least, most] = RANGES[name]
  if (!/^\d{1,3}$/.test(written ?? "")) return DEFAULTS[name]
  const number = Number(written)
  return number >= least && number <= most ? number : DEFAULTS[name]
}

/** A question as it may be asked: without what no keyboard types, and not too long. */
export const questionOf = (typed) =>
  String(typed ?? "")
    .replace(/[\p{Cc}\p{Cs}\s]+/gu, " ")
    .trim()
    .slice(0, LONGEST_QUESTION)

/**
 * What an address asks for.
 * @param {URLSearchParams} address
 * @returns {{question: string, by: string, k: number, score: number, near: number}}  `score` and `near`: the thresholds of
 * the search by words, and of the others in hundredths
 */
export function readState(address) {
  const by = address.get("by")
  return {
    question: questionOf(address.get("question")),
    by: SEARCHES.includes(by) ? by : DEFAULTS.by,
    k: numberOf(address.get("k"), "k"),
    score: numberOf(address.get("score"), "score"),
    near: numberOf(address.get("near"), "near"),
  }
}

/** The parameters of an address, without those that say nothing new. */
export function writeState(state) {
  return Object.fromEntries(Object.entries(state).filter(([name, value]) => value !== DEFAULTS[name]))
}

/** The threshold that a hit's closeness is compared with. */
export const leastOf = ({ by, score, near }) => (by === "keyword" ? score : near / 100)
