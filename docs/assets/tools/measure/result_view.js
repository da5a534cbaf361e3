// A verdict as the page and the report show it: the sentence, each system's rate, each pair.

import { drawn, element } from "../shared.js"
import { table } from "./table_view.js"
import { sayP, sayPoints, sayRate, sayState, sayStep } from "./words.js"

const MOST_ITEMS = 50 // named of those on which a pair differs

const percent = (share) => `${(100 * share).toFixed(2)}%`

/** A rate as a dot on its interval, from 0 to 100% of the width. */
function rateBar({ share, low, high }) {
  const at = (from, to, kind) => drawn("line", { class: kind, x1: from, x2: to, y1: 8, y2: 8 })
  return drawn(
    "svg",
    { class: "measure-bar", "aria-hidden": "true", height: 16 },
    at("0%", "100%", "measure-scale"),
    at(percent(low), percent(high), "measure-interval"),
    drawn("circle", { class: "measure-dot", cx: percent(share), cy: 8, r: 5 }),
  )
}

/** Each system with its rate; `controls` gives what stands behind a name, or nothing. */
function systemList(standings, controls) {
  const rows = standings.map((standing, at) => {
    const state = standings.length > 1 ? sayState(standing, at === standings.length - 1) : null
    return element(
      "li",
      {},
      element("strong", {}, standing.name),
      `: ${sayRate(standing.rate)}`,
      state && element("span", { class: "measure-state" }, `, ${state}`),
      rateBar(standing.rate),
      controls?.(at),
    )
  })
  return element("ol", { class: "measure-systems" }, ...rows)
}

/** The items on which a pair differs, by name. */
function differing({ items, systems }, { lower, higher }) {
  const [one, other] = [lower, higher].map((name) => systems.find((system) => system.name === name).hits)
  const only = (mine, its, name) => {
    const names = items.filter((_, at) => mine[at] && !its[at])
    const more = names.length > MOST_ITEMS ? ` and ${names.length - MOST_ITEMS} more` : ""
    return names.length
      ? element("p", {}, `Only “${name}” is correct on: ${names.slice(0, MOST_ITEMS).join(", ")}${more}.`)
      : null
  }
  return element(
    "details",
    {},
    element("summary", {}, `The items on which “${lower}” and “${higher}” differ`),
    only(one, other, lower) ?? element("p", {}, `None only for “${lower}”.`),
    only(other, one, higher) ?? element("p", {}, `None only for “${higher}”.`),
  )
}

/** Two systems in sentences, more in a table. */
function comparisons({ steps, margin }) {
  if (!steps.length) return []
  if (steps.length === 1)
    return [element("ul", {}, ...sayStep(steps[0], margin).map((words) => element("li", {}, words)))]
  const rows = steps.map(({ lower, higher, won, lost, difference, pBetter, pNotWorse }) => [
    `${lower} / ${higher}`,
    String(won),
    String(lost),
    `${sayPoints(difference.estimate)} (${sayPoints(difference.low)} to ${sayPoints(difference.high)})`,
    sayP(pBetter),
    sayP(pNotWorse),
  ])
  const caption =
    "Each pair, item by item. The difference is lower minus higher, in points, with its 95% interval; “higher is better” is adjusted by Holm"
  const head = [
    "Lower / higher",
    "Only lower correct",
    "Only higher correct",
    "Difference",
    "Higher is better",
    "Lower is not worse",
  ]
  return [table(caption, head, rows)]
}

/**
 * A verdict, whole.
 * @param {Object} verdict  as judge() gives it
 * @param {{items: string[], systems: {name: string, hits: boolean[]}[]}} data  what was judged
 * @param {?function(number): Node} controls  what stands behind each system
 */
export function verdictView(verdict, data, controls = null) {
  const pairs = verdict.steps.map((step) => differing(data, step))
  return element(
    "div",
    { class: "measure-verdict" },
    element("p", { class: "tool-result" }, verdict.sentence),
    systemList(verdict.standings, controls),
    ...comparisons(verdict),
    ...pairs,
  )
}
