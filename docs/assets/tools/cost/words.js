// The result of the cost tool in words.

import { breakEvenMonth, breakEvenQueries, cumulative } from "./model.js"
import { say, sayRoughly } from "./numbers.js"

/** The ways as nouns, for the middle of a sentence. */
export const NOUNS = {
  prompting: "prompting",
  retrieval: "retrieval",
  tuned: "a tuned model",
  combined: "the combination",
}

export const capital = (text) => text[0].toUpperCase() + text.slice(1)

/** A list of names of which three are said. */
export const some = (names) => names.slice(0, 3).join(", ") + (names.length > 3 ? ` and ${names.length - 3} more` : "")

/** Which way costs least over all the months, by how much and against which other, in one sentence. */
export function headline(ways, c) {
  const totals = ways.map((way) => [cumulative(way, c).at(-1), way]).sort((one, two) => one[0] - two[0])
  const [[least, way], next] = totals
  const span = `over ${say(c.months)} ${c.months === 1 ? "month" : "months"}`
  if (!next) return `${capital(NOUNS[way])} costs ${say(least)} credits ${span}.`
  const same = totals.filter(([total]) => total - least <= 1e-9 * least).map(([, one]) => NOUNS[one])
  if (same.length > 1) return `${capital(same.join(" and "))} cost the same ${span}: ${say(least)} credits.`
  const [total, other] = next
  return `${capital(NOUNS[way])} is cheapest ${span}: ${say(least)} credits, ${say(total - least)} less than ${NOUNS[other]}.`
}

/** From when on one way costs less than another, without a full stop. */
function sinceWhen([way, other], c) {
  const [here, there] = [capital(NOUNS[way]), NOUNS[other]]
  const month = breakEvenMonth(way, other, c)
  if (month === 0) return `${here} costs less than ${there} from the start`
  if (month < Infinity) return `${here} has cost less than ${there} from the end of month ${say(month)} on`
  const span = c.months === 1 ? "the month" : `the ${say(c.months)} months`
  return `${here} does not catch up with ${there} within ${span}`
}

/** When, and from what volume on, one way costs less than another. */
export function comparison(pair, c) {
  const [way, other] = pair
  const needed = breakEvenQueries(way, other, c)
  const lost = breakEvenQueries(other, way, c)
  const ahead = cumulative(way, c).at(-1) < cumulative(other, c).at(-1)
  const span = c.months === 1 ? "the month" : `the ${say(c.months)} months`
  const starts = c.growth_percent_per_month ? " in the first month" : " a month"
  const when = sinceWhen(pair, c)
  if (needed === 0) return `${when}, and would at any volume.`
  if (needed < Infinity) return `${when}; over ${span} it pays from ${sayRoughly(needed)} queries${starts} on.`
  if (lost > 0 && lost < Infinity) {
    return `${when}; over ${span} it is the cheaper only below ${sayRoughly(lost)} queries${starts}.`
  }
  if (ahead) return `${when}, and would at any volume.`
  return `${when}, and never would, at any volume: it saves nothing on a query.`
}

/** The pair in the order in which a volume makes the first one cheaper, and that volume. */
export function oriented(pair, c) {
  const turned = [pair[1], pair[0]]
  const now = breakEvenQueries(...pair, c)
  const other = breakEvenQueries(...turned, c)
  return now === Infinity && other > 0 && other < Infinity ? [turned, other] : [pair, now]
}

/** How a figure differs from its scenario's: one line. */
export function difference(name, about, now, before) {
  if (name === "cached") return `${about.label}: ${now ? "yes" : "no"}`
  return `${about.label}: ${say(now)} instead of ${say(before)} (${about.unit})`
}

/** What is said of an address that could not be understood whole; nothing where it could. */
export function aboutAddress(unusable, unclear) {
  const sentences = []
  if (unusable.length) {
    sentences.push(
      `The address held something that cannot be used here (${some(unusable)}); what the example has stands there instead.`,
    )
  }
  if (unclear.length) {
    sentences.push(
      `The address can be read in two ways (${some(unclear)}): choose one at the field. Until then the example's figure stands.`,
    )
  }
  return sentences.join(" ")
}
