// The decision record: a result as Markdown, for a repository or a meeting.

import { decide, UNKNOWN } from "./rules.js"
import {
  addressOf,
  addressOfClaim,
  addressOfProgram,
  byId,
  fileName,
  headline,
  labelOf,
  openNeeds,
  reasonsFor,
  standing,
  unknownIn,
  untilThen,
  waitsFor,
} from "./words.js"

const LONGEST_NAME = 120
const MARKS = /[\\`*_{}[\]<>#|~&!]/g
const ENTITIES = { "<": "&lt;", "&": "&amp;" }

/** What somebody typed, as one line of Markdown that is text and nothing else. */
export function plain(text) {
  const start = text.slice(0, 400) // the longest that the field takes
  const line = start.toWellFormed?.() ?? start
  const visible = line
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim()
    .slice(0, LONGEST_NAME)
  return visible.replace(MARKS, (mark) => ENTITIES[mark] ?? `\\${mark}`)
}

const program = (entry) => {
  return entry.program ? ` Program: [${fileName(entry.program)}](${addressOfProgram(entry.program)}).` : ""
}

const reasonLine = ({ reason, claim, page }) =>
  `- ${reason} ([${claim}](${addressOfClaim(claim)}), [evidence](${addressOf(page)}))`

const waitLine = ({ needs, reason, page }) => `- [ ] Needs ${needs}. ${reason} [How](${addressOf(page)}).`

const experimentLine = (entry, index) =>
  `- [ ] ${index ? "Then" : "Next"}: ${entry.text} [How](${addressOf(entry.page)}).${program(entry)}`

const measureLine = ({ short, measure }) =>
  `- [ ] ${short}: ${measure.text} [How](${addressOf(measure.page)}).${program(measure)}`

/** A day some weeks later, as it is called where the reader is: 2030-01-31. */
export function dayAfter(today, weeks) {
  const day = new Date(today.getFullYear(), today.getMonth(), today.getDate() + 7 * weeks)
  const two = (number) => String(number).padStart(2, "0")
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`
}

/** A heading with what stands below it, as lines. */
const section = (title, ...lines) => [`## ${title}`, "", ...lines, ""]

/**
 * The decision record in Markdown.
 * @param {Object} data  rules.json
 * @param {Object<string, string>} answers  by question
 * @param {{name: string, today: Date, address: string}} about  what it is for, the day, the address that shows it again
 */
export function record(data, answers, { name, today, address }) {
  const result = decide(data, answers)
  const design = byId(data.designs, result.direction)
  const review = data.reviews[result.review]
  const experiments = result.experiments.map((index) => data.experiments[index])
  const cheaper = result.cheaper.map((index) => data.cheaper[index])
  const conflicts = result.conflicts.map((index) => `- ${data.conflicts[index].text}`)
  const waits = waitsFor(data, result)
  const open = openNeeds(data, result).map(reasonLine)
  const answered = (question) => labelOf(data, question.id, answers[question.id] ?? UNKNOWN)
  const purpose = plain(name)
  return [
    `# Decision: ${headline(data, result)}${purpose ? `, for ${purpose}` : ""}`,
    "",
    `- Date: ${dayAfter(today, 0)}`,
    "- Status: proposed",
    `- Review: ${dayAfter(today, review.weeks)} (${review.text})`,
    `- Made with: [the decision ladder](${address})`,
    "",
    ...section("Context", ...data.questions.map((question) => `- ${question.label} **${answered(question)}**`)),
    ...(conflicts.length ? section("Two answers that do not go together", ...conflicts) : []),
    ...section("Options", ...data.designs.map((one) => `- ${one.name}: ${standing(data, result, one.id)}`)),
    ...section(
      "Decision",
      [`${headline(data, result)}. ${design.says}`, untilThen(data, result)].filter(Boolean).join(" "),
    ),
    ...(waits.length ? section("Before it is built", ...waits.map(waitLine)) : []),
    ...section("Reasons", ...reasonsFor(data, result).map(reasonLine)),
    ...(open.length ? ["What it leaves open:", "", ...open, ""] : []),
    ...section("The strongest argument against", data.against[result.against].text),
    ...section(
      "Evidence to collect",
      ...experiments.map(experimentLine),
      ...cheaper.map((one) => `- [ ] Try before you climb: ${one.name}. ${one.text} [How](${addressOf(one.page)}).`),
      ...unknownIn(data, answers).map(measureLine),
      "",
      `What would move us up: ${design.up}`,
      "",
      `What would move us down: ${design.down}`,
    ),
    ...section("What this does not know", ...data.limits.map((limit) => `- ${limit}`)),
  ].join("\n")
}
