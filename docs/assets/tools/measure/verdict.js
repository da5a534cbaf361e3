// The verdict of the `rung` command (rung/src/rung/verdict.py): the lowest system that is shown not to be worse than any
// higher one by the margin, or that it cannot be told yet, with about how many more items would tell.

import {
  ALPHA,
  holm,
  itemsNeeded,
  noninferiority,
  noninferiorityItemsNeeded,
  paired,
  pairedDifference,
  wilson,
} from "./statistics.js"

export const ENOUGH = "enough"
export const BEATEN = "beaten"
export const OPEN = "open"

/** Hits as a rate with Wilson's interval. */
export function rate(hits) {
  const right = hits.filter(Boolean).length
  const [low, high] = wilson(right, hits.length)
  return { hits: right, n: hits.length, share: right / hits.length, low, high }
}

/** Each pair of systems, lower and higher, compared on the same items. */
function pairsOf(systems, margin) {
  const pairs = []
  for (let low = 0; low < systems.length; low++) {
    for (let high = low + 1; high < systems.length; high++) {
      const result = paired(systems[low].hits, systems[high].hits)
      const notWorse = noninferiority(result.won, result.lost, result.n, margin)
      pairs.push({ low, high, ...result, notWorse })
    }
  }
  const better = holm(pairs.map(({ p }) => p))
  return pairs.map((pair, at) => ({ ...pair, better: better[at] }))
}

/**
 * The verdict on systems, from the lowest (the simplest, the cheapest) to the highest.
 * @param {{name: string, hits: boolean[]}[]} systems  all of the same items in the same order
 * @param {number} margin  a fraction: 0.05 is five points
 * @returns {Object} `stop`, the name to stop at, or null; `open`, the step that leaves it so; `more`, about how many more
 * items would tell, null where none can be named; `standings` and `steps` as rung has them; `sentence`
 */
export function judge(systems, margin, alpha = ALPHA) {
  const pairs = pairsOf(systems, margin)
  const above = (low) => pairs.filter((pair) => pair.low === low)
  const largest = systems.slice(0, -1).map((_, low) => Math.max(...above(low).map(({ notWorse }) => notWorse)))
  const enough = [...holm(largest), 0]
  const standings = systems.map(({ name, hits }, low) => {
    const isBeaten = above(low).some(({ better, won, lost }) => better <= alpha && lost > won)
    const state = enough[low] <= alpha ? ENOUGH : isBeaten ? BEATEN : OPEN
    return { name, rate: rate(hits), state, pEnough: enough[low] }
  })
  const steps = pairs.map(({ low, high, won, lost, n, p, better, notWorse }) => ({
    lower: systems[low].name,
    higher: systems[high].name,
    won,
    lost,
    n,
    p,
    difference: pairedDifference(won, lost, n),
    pBetter: better,
    pNotWorse: notWorse,
  }))
  return climbed({ standings, steps, margin, alpha })
}

/** Up from the lowest system, past the beaten ones, to one that is enough or open. */
function climbed(found) {
  const first = found.standings.find(({ state }) => state !== BEATEN)
  const verdict = { ...found, stop: first.state === ENOUGH ? first.name : null, open: null, more: null }
  if (!verdict.stop) {
    const steps = found.steps.filter(({ lower }) => lower === first.name)
    verdict.open = steps.reduce((worst, step) => (step.pNotWorse > worst.pNotWorse ? step : worst))
    const comparisons = Math.max(1, found.standings.length - 1)
    verdict.more = itemsMore(verdict.open, found.margin, found.alpha / comparisons)
  }
  return { ...verdict, sentence: sentenceOf(verdict) }
}

/** About how many more test items would decide a step, if the shares won and lost stay what they are. */
function itemsMore({ won, lost, n }, margin, alpha = ALPHA) {
  // Half an item is added to each cell (Agresti and Min, 2005), so that two or three items do not promise much.
  const [winning, losing] = [(won + 0.5) / (n + 2), (lost + 0.5) / (n + 2)]
  const needs = [noninferiorityItemsNeeded(winning, losing, margin, alpha), itemsNeeded(losing, winning, alpha)]
  const named = needs.filter((need) => need !== null)
  return named.length ? Math.max(10, Math.min(...named) - n) : null
}

/** A margin in points, as rung writes it: 5, 2.5. */
export const pointsOf = (margin) => `${Number((100 * margin).toPrecision(6))} points`

/** The verdict in one or two sentences, in rung's words. */
function sentenceOf({ standings, steps, stop, open, more, margin, alpha }) {
  const names = standings.map(({ name }) => name)
  const place = names.indexOf(open ? open.lower : stop)
  const below = names.slice(0, place).join(", ")
  const above = names.slice(place + 1).join(", ")
  const points = pointsOf(margin)
  if (open) {
    const tell = more ? `about ${more} more test items would` : "no number of items that can be named will"
    const leave = below ? `Leave ${below}: a higher rung is shown to be better. But it` : "It"
    const pair = `${open.lower} is enough or ${open.higher} is better by ${points} or more`
    return `${leave} cannot be told yet whether ${pair}: ${tell} tell.`
  }
  const parts = []
  if (below) {
    const beats = ({ higher, pBetter, won, lost }) => higher !== stop || (pBetter <= alpha && lost > won)
    const shown = `it is shown to be better than ${below}`
    parts.push(steps.every(beats) ? shown : `what is below it (${below}) is beaten by a higher rung`)
  }
  if (above) parts.push(`nothing above it (${above}) is better by ${points} or more`)
  return parts.length ? `Stop at ${stop}: ${parts.join(", and ")}.` : `Only ${stop} was measured.`
}
