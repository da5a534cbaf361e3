// What the page on measuring says of rates, differences and p-values. The verdict's own sentence is in verdict.js.

import { count } from "../shared.js"
import { rate as rateWords } from "../tune/words.js"
import { BEATEN, ENOUGH } from "./verdict.js"

/** A rate with Wilson's interval: “46 of 100 = 46% (37–56)”. */
export const sayRate = ({ hits, n }) => rateWords(hits, n)

/** A difference in points with its sign: “−13.0”. */
export function sayPoints(difference) {
  const points = (100 * difference).toFixed(1)
  if (Number(points) === 0) return "0.0"
  return points.startsWith("-") ? `−${points.slice(1)}` : `+${points}`
}

/** A p-value as people write it. */
export const sayP = (p) => (p < 0.001 ? "p < 0.001" : `p = ${Number(p.toPrecision(2))}`)

/** What a standing says of a system; the last is the highest, of which nothing has to be shown. */
export function sayState({ state }, isLast) {
  if (isLast) return "the highest"
  if (state === ENOUGH) return "enough: not worse than any above it"
  return state === BEATEN ? "left behind: one above it is better" : "open: neither can be shown yet"
}

/** One pair in sentences, as `rung compare` prints it. */
export function sayStep({ lower, higher, won, lost, n, p, difference, pNotWorse }, margin) {
  const { estimate, low, high } = difference
  return [
    `Of ${count(n, "item")}, only “${lower}” is correct on ${won} and only “${higher}” on ${lost}; they agree on ${n - won - lost}.`,
    `McNemar’s exact test, that they differ: ${sayP(p)}.`,
    `“${lower}” minus “${higher}”: ${sayPoints(estimate)} points, 95% interval ${sayPoints(low)} to ${sayPoints(high)}.`,
    `That “${lower}” is not worse by ${Number((100 * margin).toPrecision(6))} points or more: ${sayP(pNotWorse)}.`,
  ]
}

/** A margin that was typed, in points, as a fraction; null where it is none. */
export function readMargin(typed) {
  const points = /^\s*\d{1,2}([.,]\d{1,3})?\s*$/.test(typed ?? "") ? Number(typed.trim().replace(",", ".")) : 0
  return points >= 0.1 && points < 50 ? points / 100 : null
}
