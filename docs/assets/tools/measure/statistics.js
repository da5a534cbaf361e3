// The statistics of the `rung` command (rung/src/rung/statistics.py), in the tab. Shares, differences and margins are
// fractions; a difference is the first system's share minus the second's. tests/unit/test_measure.py compares the two.
//
// McNemar (1947), exact; Tango (1998), the score interval of a paired difference; Holm (1979).

import { logFactorial, normalBelow, normalQuantile } from "./distributions.js"

export { wilson } from "../wilson.js"

export const ALPHA = 0.05
const POWER = 0.8
const MOST_ITEMS = 5000
const ROUNDING = 1e-12 // below it a difference of shares is none
const HALVINGS = 200 // of an interval of at most 2: more than a number's digits

/** The probability of `hits` in `items` tosses that each succeed with probability `share`. */
function binomialAt(hits, items, share) {
  if (share <= 0 || share >= 1) return hits === (share <= 0 ? 0 : items) ? 1 : 0
  const ways = logFactorial(items) - logFactorial(hits) - logFactorial(items - hits)
  return Math.exp(ways + hits * Math.log(share) + (items - hits) * Math.log1p(-share))
}

/** The sum of the probabilities from `hits` on, up (step 1) or down (step -1), away from the likeliest. */
function tail(hits, items, share, step) {
  const odds = share / (1 - share)
  let term = binomialAt(hits, items, share)
  let sum = term
  for (let at = hits; term > sum * 1e-18; at += step) {
    term *= step > 0 ? ((items - at) / (at + 1)) * odds : at / (items - at + 1) / odds
    sum += term
  }
  return sum
}

/** The probability of at least `hits`. */
function binomialFrom(hits, items, share) {
  if (hits <= 0) return 1
  if (hits > items || share <= 0) return 0
  if (share >= 1) return 1
  return hits > items * share ? tail(hits, items, share, 1) : 1 - tail(hits - 1, items, share, -1)
}

/**
 * Two systems item by item: what only the first got right, what only the second, and McNemar's exact two-sided p.
 * @param {boolean[]} first
 * @param {boolean[]} second  of the same items in the same order
 */
export function paired(first, second) {
  const won = first.filter((right, at) => right && !second[at]).length
  const lost = second.filter((right, at) => right && !first[at]).length
  return { won, lost, n: first.length, p: mcNemar(won, lost) }
}

/** McNemar's exact two-sided p-value. */
export function mcNemar(won, lost) {
  return won + lost ? Math.min(1, 2 * binomialFrom(Math.max(won, lost), won + lost, 0.5)) : 1
}

/** Tango's score statistic: how many standard errors the observed difference lies above `difference`. */
function tangoScore(won, lost, n, difference) {
  const a = 2 * n
  const b = -won - lost + (2 * n - won + lost) * difference
  const c = -lost * difference * (1 - difference)
  const losing = (Math.sqrt(Math.max(0, b * b - 4 * a * c)) - b) / (2 * a)
  const variance = n * (2 * losing + difference * (1 - difference))
  const distance = won - lost - n * difference
  if (variance <= 1e-12 * n) {
    if (Math.abs(distance) < 1e-9) return 0
    return distance > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  }
  return distance / Math.sqrt(variance)
}

/** One end of Tango's interval: where the score has come to z on that side (-1 or 1), or the end of the scale. */
function tangoEnd(won, lost, n, z, side) {
  let outer = side * (1 - 1e-9)
  if (Math.abs(tangoScore(won, lost, n, outer)) <= z) return side
  let inner = Math.min(Math.max((won - lost) / n, -1 + 1e-9), 1 - 1e-9)
  if ((outer - inner) * side <= 0) return side
  for (let step = 0; step < HALVINGS; step++) {
    const middle = (inner + outer) / 2
    if (middle === inner || middle === outer) break
    if ((tangoScore(won, lost, n, middle) + side * z) * side > 0) inner = middle
    else outer = middle
  }
  return inner
}

/** The paired difference with Tango's score interval. */
export function pairedDifference(won, lost, n, confidence = 0.95) {
  const z = normalQuantile((1 + confidence) / 2)
  return {
    estimate: (won - lost) / n,
    low: tangoEnd(won, lost, n, z, -1),
    high: tangoEnd(won, lost, n, z, 1),
  }
}

/** One-sided p-value that the first system is not worse than the second by `margin` or more. */
export const noninferiority = (won, lost, n, margin) => normalBelow(-tangoScore(won, lost, n, -margin))

/** Holm's adjusted p-values, in the order given. */
export function holm(values) {
  const adjusted = values.map(() => 0)
  const order = values.map((_, at) => at).sort((one, other) => values[one] - values[other])
  let largest = 0
  for (const [rank, place] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (values.length - rank) * values[place]))
    adjusted[place] = largest
  }
  return adjusted
}

const wins = new Map() // by alpha, then by disagreements

/** The fewest wins among `disagreements` that McNemar's exact test calls significant. */
export function winsNeeded(disagreements, alpha = ALPHA) {
  if (!wins.has(alpha)) wins.set(alpha, [])
  const known = wins.get(alpha)
  if (known[disagreements] === undefined) {
    let fewest = disagreements + 1
    let above = 0
    while (fewest > 0) {
      const more = above + binomialAt(fewest - 1, disagreements, 0.5)
      if (more >= alpha / 2) break
      above = more
      fewest -= 1
    }
    known[disagreements] = fewest
  }
  return known[disagreements]
}

/** The probability that McNemar's exact test finds the first system better; `won` and `lost` are the true shares. */
export function superiorityPower(won, lost, items, alpha = ALPHA) {
  if (won + lost === 0) return 0
  let power = 0
  for (let disagreements = 0; disagreements <= items; disagreements++) {
    const chance = binomialAt(disagreements, items, won + lost)
    if (chance <= 1e-6) continue
    power += chance * binomialFrom(winsNeeded(disagreements, alpha), disagreements, won / (won + lost))
  }
  return power
}

/** How many items show the first system better with 80% power, in steps of ten; null where it is not, or too many. */
export function itemsNeeded(won, lost, alpha = ALPHA) {
  if (won <= lost) return null
  // The normal approximation is near the answer: the search begins well below it, and gives up where it is far off.
  const about = (normalQuantile(1 - alpha / 2) + normalQuantile(POWER)) ** 2 * ((won + lost) / (won - lost) ** 2)
  if (about > 2 * MOST_ITEMS) return null
  for (let items = Math.max(10, Math.trunc(about / 20) * 10); items <= MOST_ITEMS; items += 10) {
    if (superiorityPower(won, lost, items, alpha) >= POWER) return items
  }
  return null
}

/** About how many items show that the first system is not worse by `margin`; null where no number would. */
export function noninferiorityItemsNeeded(won, lost, margin, alpha = ALPHA) {
  const distance = won - lost + margin
  if (distance <= ROUNDING) return null
  const variance = Math.max(won + lost - (won - lost) ** 2, 0.01) // two that never differed yet may still differ
  return Math.ceil(((normalQuantile(1 - alpha) + normalQuantile(POWER)) ** 2 * variance) / distance ** 2)
}
