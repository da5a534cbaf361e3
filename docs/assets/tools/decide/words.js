// What is said of a result, and where it is shown. `result` is what decide() in rules.js gives.

import { UNKNOWN } from "./rules.js"

const SITE = new URL("../../../", import.meta.url)
const NEARLY_ALWAYS = "custom-needs-all-of-it" // a rule that holds for nearly every set of answers

export const byId = (list, id) => list.find((one) => one.id === id)

/** An answer's words. */
export const labelOf = (data, question, answer) => byId(byId(data.questions, question).answers, answer).label

const placeOf = (data, design) => data.designs.findIndex((one) => one.id === design)

/** Whether a design stands above another on the ladder. */
export const isHigher = (data, design, than) => placeOf(data, design) > placeOf(data, than)

/** The questions without an answer, "I don't know" being none. */
export const unknownIn = (data, answers) =>
  data.questions.filter((question) => (answers[question.id] ?? UNKNOWN) === UNKNOWN)

const count = (number, one, many) => `${number} ${number === 1 ? one : many}`

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

/** How a design stands: one sentence. */
export function standing(data, result, design) {
  if (design === result.design) return "recommended"
  const bars = (rule) => rule.kind === "bar" && rule.designs.includes(design) && result.fired.includes(rule.id)
  const out = data.rules.filter(bars).length
  if (out) return `ruled out by ${count(out, "rule", "rules")}`
  const more = result.open[placeOf(data, design)] - result.open[placeOf(data, result.design)]
  return more ? `leaves ${count(more, "more need", "more needs")} open` : "would do as much, and is less simple"
}

/** The rules that speak for the recommendation: needs it meets first, then what rules other designs out. */
export function reasonsFor(data, result) {
  const rules = result.reasons.map((id) => byId(data.rules, id))
  // What holds for nearly everybody is worth saying only where nothing else keeps you from rung 4.
  const others = rules.some(({ id, kind, designs }) => {
    return id !== NEARLY_ALWAYS && kind === "bar" && designs.includes("custom")
  })
  const shown = rules.filter((rule) => rule.id !== NEARLY_ALWAYS || !others)
  return [...shown.filter((rule) => rule.kind === "need"), ...shown.filter((rule) => rule.kind === "bar")]
}

/** What a rule does, in words. */
export function effect(data, rule) {
  const designs = data.designs.filter((one) => rule.designs.includes(one.id))
  const names = designs.map((one) => one.name.toLowerCase().replace("(rag)", "(RAG)"))
  return `${rule.kind === "bar" ? "Rules out" : "Left open by"} ${new Intl.ListFormat("en-GB").format(names)}.`
}

/** The needs that the recommended design leaves open. */
export const openNeeds = (data, result) =>
  data.rules.filter(({ id, kind, designs }) => {
    return kind === "need" && result.fired.includes(id) && designs.includes(result.design)
  })
