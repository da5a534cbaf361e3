// What is said of a result, and where it is shown. `result` is what decide() in rules.js gives.

import { count, SITE } from "../shared.js"
import { UNKNOWN } from "./rules.js"

const NEARLY_ALWAYS = ["custom-needs-a-domain", "custom-needs-all-of-it"] // rules that hold for nearly all answers
const KINDS = ["need", "bar", "wait"] // as reasons are listed

export const byId = (list, id) => list.find((one) => one.id === id)

/** An answer's words. */
export const labelOf = (data, question, answer) => byId(byId(data.questions, question).answers, answer).label

const placeOf = (data, design) => data.designs.findIndex((one) => one.id === design)

/** Whether a design stands above another on the ladder. */
export const isHigher = (data, design, than) => placeOf(data, design) > placeOf(data, than)

/** The questions without an answer, "I don't know" being none. */
export const unknownIn = (data, answers) =>
  data.questions.filter((question) => (answers[question.id] ?? UNKNOWN) === UNKNOWN)

/** The address of a page of the guide, such as `ladder/rag.md#what-it-fixes`. */
export function addressOf(page) {
  const [file, section] = page.split("#")
  const folder = file.replace(/\.md$/, "/").replace(/(^|\/)index\/$/, "$1")
  return new URL(folder + (section ? `#${section}` : ""), SITE).href
}

/** The address of a program of the guide. */
export const addressOfProgram = (name) => new URL(`snippets/${name}`, SITE).href

/** The address of a claim in the ledger. */
export const addressOfClaim = (claim) => addressOf(`evidence/claims.md#${claim.toLowerCase()}`)

/** A file's name without its folders. */
export const fileName = (path) => path.split("/").pop()

/** The rules that make a design wait. */
const waitsOf = (data, result, design) =>
  data.rules.filter(({ id, kind, designs }) => {
    return kind === "wait" && designs.includes(design) && result.fired.includes(id)
  })

/** What has to be known or made before a design is built, each thing once. */
const missingFor = (data, result, design) => [...new Set(waitsOf(data, result, design).map(({ needs }) => needs))]

/** How a design stands beside the one that the answers point to: one sentence. */
export function standing(data, result, design) {
  if (design === result.direction && design === result.design) return "recommended"
  if (result.barred.includes(design)) {
    const bars = (rule) => rule.kind === "bar" && rule.designs.includes(design) && result.fired.includes(rule.id)
    return `ruled out by ${count(data.rules.filter(bars).length, "rule", "rules")}`
  }
  if (design === result.design) return "what to build now"
  const [first, ...others] = missingFor(data, result, design)
  const needs = first ? `not yet: needs ${first}${others.length ? `, and ${others.length} more` : ""}` : ""
  if (design === result.direction) return `provisional; ${needs}`
  const more = result.open[placeOf(data, design)] - result.open[placeOf(data, result.direction)]
  if (more > 0) return `leaves ${count(more, "more need", "more needs")} open`
  return needs || "would do as much, and is less simple"
}

/** What stands above the result: the design, and whether it is more than a direction. */
export function headline(data, result) {
  const { name } = byId(data.designs, result.direction)
  return result.direction === result.design ? name : `${name}, provisionally`
}

/** One sentence on what is to be built now, where that is not where the answers point; and on what may follow. */
export function untilThen(data, result) {
  const name = (design) => byId(data.designs, design).name
  const now = `Build no more than this yet: ${name(result.design)}. What is still missing is listed below.`
  const short = result.ifShort && `${data.ifShort.text}, your answers point to: ${name(result.ifShort)}.`
  return [result.direction === result.design ? null : now, short].filter(Boolean).join(" ")
}

/** The rules that speak for the recommendation: needs it meets first, then what rules other designs out. */
export function reasonsFor(data, result) {
  const rules = result.reasons.map((id) => byId(data.rules, id))
  // What holds for nearly everybody is worth saying only where nothing else keeps you from rung 4.
  const others = rules.some(({ id, kind, designs }) => {
    return !NEARLY_ALWAYS.includes(id) && kind !== "need" && designs.includes("custom")
  })
  const shown = rules.filter((rule) => !NEARLY_ALWAYS.includes(rule.id) || !others)
  return KINDS.flatMap((kind) => shown.filter((rule) => rule.kind === kind))
}

/** What a rule does, in words. */
export function effect(data, rule) {
  const designs = data.designs.filter((one) => rule.designs.includes(one.id))
  const names = designs.map((one) => one.name.toLowerCase().replace("(rag)", "(RAG)"))
  const does = { bar: "Rules out", wait: "Not yet", need: "Left open by" }[rule.kind]
  return `${does}${rule.kind === "wait" ? ":" : ""} ${new Intl.ListFormat("en-GB").format(names)}.`
}

/** The rules that make the design pointed to wait. */
export const waitsFor = (data, result) => result.waits.map((id) => byId(data.rules, id))

/** The needs that the design pointed to leaves open. */
export const openNeeds = (data, result) =>
  data.rules.filter(({ id, kind, designs }) => {
    return kind === "need" && result.fired.includes(id) && designs.includes(result.direction)
  })
