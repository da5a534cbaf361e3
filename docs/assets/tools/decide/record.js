// The decision record: a result as Markdown, for a repository or a meeting.

import { decide, UNKNOWN } from "./rules.js"
import {
  addressOf,
  addressOfClaim,
  addressOfProgram,
  byId,
  fileName,
  labelOf,
  openNeeds,
  reasonsFor,
  standing,
  unknownIn,
} from "./words.js"

const DAYS_IN_MILLISECONDS = 86_400_000
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

const measureLine = ({ short, measure }) =>
  `- [ ] ${short}: ${measure.text} [How](${addressOf(measure.page)}).${program(measure)}`

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
  const design = byId(data.designs, result.design)
  const review = data.reviews[result.review]
  const experiment = data.experiments[result.experiment]
  const day = (weeks) => new Date(today.getTime() + weeks * 7 * DAYS_IN_MILLISECONDS).toISOString().slice(0, 10)
  const open = openNeeds(data, result).map(reasonLine)
  const answered = (question) => labelOf(data, question.id, answers[question.id] ?? UNKNOWN)
  const purpose = plain(name)
  return [
    `# Decision: ${design.name}${purpose ? `, for ${purpose}` : ""}`,
    "",
    `- Date: ${day(0)}`,
    "- Status: proposed",
    `- Review: ${day(review.weeks)} (${review.text})`,
    `- Made with: [the decision ladder](${address})`,
    "",
    ...section("Context", ...data.questions.map((question) => `- ${question.label} **${answered(question)}**`)),
    ...section("Options", ...data.designs.map((one) => `- ${one.name}: ${standing(data, result, one.id)}`)),
    ...section("Decision", `${design.name}. ${design.says}`),
    ...section("Reasons", ...reasonsFor(data, result).map(reasonLine)),
    ...(open.length ? ["What it leaves open:", "", ...open, ""] : []),
    ...section("The strongest argument against", data.against[result.against].text),
    ...section(
      "Evidence to collect",
      `- [ ] Next: ${experiment.text} [How](${addressOf(experiment.page)}).${program(experiment)}`,
      ...unknownIn(data, answers).map(measureLine),
      "",
      `What would move us up: ${design.up}`,
      "",
      `What would move us down: ${design.down}`,
    ),
    ...section("What this does not know", ...data.limits.map((limit) => `- ${limit}`)),
  ].join("\n")
}
