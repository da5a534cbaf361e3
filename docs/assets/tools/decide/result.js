// The result of the decision ladder on the page: the rungs, the reasons, and what would change it.

import { element } from "../shared.js"
import { oneAnswerAway } from "./rules.js"
import {
  addressOf,
  addressOfClaim,
  addressOfProgram,
  byId,
  effect,
  fileName,
  isHigher,
  labelOf,
  openNeeds,
  reasonsFor,
  standing,
  unknownIn,
  waitsFor,
} from "./words.js"

/** A link to a page of the guide. */
export const pageLink = (page, words) => element("a", { href: addressOf(page) }, words)

const claimLink = (claim) => element("a", { class: "claim", href: addressOfClaim(claim) }, claim)

const programLink = (name) => {
  return element("a", { href: addressOfProgram(name), download: true }, element("code", {}, fileName(name)))
}

/** Links to where something is shown and to the program that runs it. */
export function sources({ claim, page, program }, words) {
  const links = [claim && claimLink(claim), pageLink(page, words), program && programLink(program)]
  return element("span", { class: "decide-sources" }, ...links.filter(Boolean))
}

const section = (title, ...children) => element("section", {}, element("h3", {}, title), ...children)
const list = (items) => element("ul", {}, ...items.map((item) => element("li", {}, ...[item].flat())))

const stateOf = (result, design) => {
  if (design === result.direction) return "is-here"
  if (result.barred.includes(design)) return "is-out"
  return design === result.design ? "is-now" : ""
}

/** The designs as rungs, the highest at the top as on a ladder. */
export function ladder(data, result) {
  const rungs = [...data.designs].reverse().map((design) => {
    return element(
      "li",
      { class: `decide-rung ${stateOf(result, design.id)}`, "data-design": design.id },
      element("span", { class: "decide-rung-name" }, design.name),
      element("span", { class: "decide-rung-state" }, standing(data, result, design.id)),
    )
  })
  return element("ol", { class: "decide-ladder", "aria-label": "The designs, highest first" }, ...rungs)
}

/** The answers that lead to one design, by question: “Short: “this” or “that”; ...” */
function answersLeadingTo(data, away) {
  const questions = data.questions.filter(({ id }) => away.some(([question]) => question === id))
  return questions.flatMap(({ id, short }, index) => {
    const labels = away.filter(([question]) => question === id).map(([, answer]) => labelOf(data, id, answer))
    return [index ? "; " : "", element("em", {}, short), `: “${labels.join("” or “")}”`]
  })
}

/** Single answers that would change the result, by the design they lead to. */
function oneAnswerAwayList(data, answers, result) {
  const found = oneAnswerAway(data, answers)
  const lines = []
  for (const design of data.designs) {
    const away = found.filter(([, , after]) => after === design.id)
    if (!away.length) continue
    const way = isHigher(data, design.id, result.direction) ? "Up" : "Down"
    const start = element("strong", {}, `${way} to ${design.name}`)
    lines.push([start, " if one answer were ", ...answersLeadingTo(data, away), "."])
  }
  return lines.length ? list(lines) : element("p", {}, "No single other answer would change the result.")
}

/** A rule's reason, with what it does and where it is shown. */
function reasonItem(data, rule) {
  const does = element("span", { class: "decide-effect" }, effect(data, rule), " ", sources(rule, "where it is shown"))
  return [rule.reason, " ", does]
}

const measureItem = ({ short, measure }) => [
  element("strong", {}, `${short}: `),
  measure.text,
  " ",
  sources(measure, "how"),
]

/** The next experiments, the cheapest first. */
function experiments(data, result) {
  const items = result.experiments.map((index) => {
    const { text } = data.experiments[index]
    return [text, " ", sources(data.experiments[index], "how")]
  })
  const ordered = element("ol", {}, ...items.map((item) => element("li", {}, ...item)))
  return section("The cheapest next experiment", items.length === 1 ? element("p", {}, ...items[0]) : ordered)
}

/** Cheaper things to try before a higher rung. */
function cheaper(data, result) {
  const items = result.cheaper.map((index) => {
    const one = data.cheaper[index]
    return [element("strong", {}, `${one.name}. `), one.text, " ", sources(one, "where it fits")]
  })
  return items.length ? section("Try before you climb", list(items)) : null
}

/** Everything below the questions, as sections. */
export function details(data, answers, result) {
  const design = byId(data.designs, result.direction)
  const open = openNeeds(data, result)
  const waits = waitsFor(data, result)
  const missing = unknownIn(data, answers)
  const conflicts = result.conflicts.map((index) => data.conflicts[index].text)
  const reasons = (rules) => list(rules.map((rule) => reasonItem(data, rule)))
  const moves = [
    [element("strong", {}, "Up. "), design.up],
    [element("strong", {}, "Down. "), design.down],
  ]
  const waitItem = (rule) => [element("strong", {}, `Needs ${rule.needs}. `), rule.reason, " ", sources(rule, "how")]
  const sections = [
    conflicts.length ? section("Two answers that do not go together", list(conflicts)) : null,
    waits.length ? section(`Before you build ${design.name}`, list(waits.map(waitItem))) : null,
    section("Reasons", reasons(reasonsFor(data, result))),
    open.length ? section("What it leaves open", reasons(open)) : null,
    section("The strongest argument against", element("p", {}, data.against[result.against].text)),
    experiments(data, result),
    cheaper(data, result),
    section("What would move you", list(moves), oneAnswerAwayList(data, answers, result)),
    missing.length ? section("Measure this first", list(missing.map(measureItem))) : null,
    section("What it does not know", list(data.limits)),
  ]
  return sections.filter(Boolean)
}
