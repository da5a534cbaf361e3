// Numbers as people write them, and as the cost tool writes them. No page is needed: tests/unit/js runs this in Node.

const whole = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 })
const small = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 3 })
const compact = new Intl.NumberFormat("en-GB", { notation: "compact", maximumSignificantDigits: 3 })

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
const POWER_OF_TEN = new RegExp(`\\s*×\\s*10(⁻?)([${RAISED}]+)$`, "u")

function inPowersOfTen(number) {
  const [mantissa, exponent] = number.toExponential(1).split("e")
  const raised = [...String(Number(exponent))].map((digit) => (digit === "-" ? "⁻" : RAISED[digit])).join("")
  return `${mantissa} × 10${raised}`
}

/** The power of ten that inPowersOfTen() writes, as 1e6. */
const withExponent = (text) =>
  text.replace(POWER_OF_TEN, (_, sign, raised) => {
    const digits = [...raised].map((digit) => RAISED.indexOf(digit)).join("")
    return `e${sign ? "-" : ""}${digits}`
  })

const isExtreme = (size) => size >= 1e15 || (size > 0 && size < 1e-6)

/** A number as it is read: grouped, without needless decimals; "never" for infinity. */
export function say(number) {
  if (!Number.isFinite(number)) return "never"
  const size = Math.abs(number)
  if (isExtreme(size)) return inPowersOfTen(number)
  return (size < 100 ? small : whole).format(number)
}

/** A number of credits beside an axis, such as 1.5k. */
export const sayShort = (number) => (isExtreme(number) ? inPowersOfTen(number) : compact.format(number))

/** A number to three digits. */
export const sayRoughly = (number) => say(Number.isFinite(number) ? Number(number.toPrecision(3)) : number)

const LONGEST = 60 // characters
const NUMBER = /^([+-]?)([\d.,]*\d[\d.,]*)(e[+-]?\d+)?$/i
const ONLY_MARKS_AND_DIGITS = /^[+-]?[\d.,'’_\s]*$/u
const NUMBER_AND_MORE = /^\D{0,3}\d[\d.,'’\s]*\D{0,12}$/u // $5, 50 %, 1.5k, 2 million
const GROUPED_BY_SPACES = /^[+-]?\d{1,3}([\s'’_])\d{3}(?:\1\d{3})*(?!\d)/u
const BEFORE_THREE_DIGITS = /^[1-9]\d*[.,]\d{3}$/

/** Takes out the spaces or apostrophes that group digits by threes; null where they stand in other places. */
function withoutSpaces(text) {
  const grouped = text.match(GROUPED_BY_SPACES)?.[0] ?? ""
  const joined = grouped.replace(/[\s'’_]/gu, "") + text.slice(grouped.length)
  return /[\s'’_]/u.test(joined) ? null : joined
}

/** Digits with points and commas as digits with one point at most; null where those are in no order. */
function withDecimalPoint(digits) {
  const marks = digits.replace(/\d/g, "")
  const last = marks.at(-1)
  const isDecimal = marks.indexOf(last) === marks.length - 1 // it comes once
  const [integer, fraction = ""] = isDecimal ? digits.split(last) : [digits]
  const [first, ...groups] = integer.split(/[.,]/)
  const isGrouped = first.length <= 3 && groups.every((group) => group.length === 3)
  const isMixed = new Set(integer.replace(/\d/g, "")).size > 1
  return isMixed || (groups.length && !(first && isGrouped)) ? null : `${first}${groups.join("")}.${fraction}`
}

/** What else it is that cannot be read as a number. */
function kindOf(text) {
  if (/\d/.test(text) && ONLY_MARKS_AND_DIGITS.test(text)) return "groups"
  return NUMBER_AND_MORE.test(text) ? "more" : "no number"
}

/**
 * Reads a number as somebody wrote it, wherever they learnt to write numbers: 1280000, 1,280,000, 1.280.000, 1 280 000,
 * 1'280'000, 60.5, 60,5, 1e6, 1.5 × 10⁶. Where the only point or comma stands before three digits, as in 60.000 or
 * 1,234, nobody can tell which of two numbers is meant.
 * @param {string} text
 * @returns {{number: number} | {readings: [number, number]} | {problem: "empty" | "groups" | "more" | "no number"}}
 * `readings`: the smaller number, with a decimal mark, and the larger, with a mark of thousands. `more`: there is a number
 * and something else, such as a unit
 */
export function readNumber(text) {
  if (text.length > LONGEST) return { problem: "no number" }
  const visible = text.replace(/\p{Cf}/gu, "").trim() // what is copied holds marks that nobody sees
  const typed = withExponent(visible.replace("\u2212", "-"))
  if (typed === "") return { problem: "empty" }
  const [, sign, digits, exponent = ""] = withoutSpaces(typed)?.match(NUMBER) ?? []
  const plain = digits === undefined ? null : withDecimalPoint(digits)
  if (plain === null) return { problem: kindOf(typed) }
  const number = Number(`${sign}${plain}${exponent}`) + 0 // no minus zero
  if (exponent || !BEFORE_THREE_DIGITS.test(digits)) return { number }
  return { readings: [number, Number(sign + digits.replace(/[.,]/, ""))] }
}

/** A number in a form that readNumber() reads as that number and no other: 1.234 becomes 1.2340. */
export function written(number) {
  const text = String(number)
  return readNumber(text).readings ? `${text}0` : text
}

/** A reading of an ambiguous number in words that everybody takes for that number. */
export function sayReading(number) {
  if (Number.isInteger(number)) return String(number)
  return `${number} (between ${Math.floor(number)} and ${Math.ceil(number)})`
}

const WHOLE = ["months", "cached"]

/** What keeps a number from being an input's figure, in one sentence; nothing where it will do. */
function problemWith(number, name, about) {
  if (number > about.highest) return `At most ${say(about.highest)}.`
  if (number < about.lowest) return `At least ${say(about.lowest)}.`
  return WHOLE.includes(name) && number % 1 ? "Write a whole number." : ""
}

/**
 * Reads what was typed as the figure of an input.
 * @param {string} text
 * @param {string} name  of the input
 * @param {{lowest: number, highest: number, unit: string, example: number}} about  the input, as in inputs.json
 * @returns {{number?: number, readings?: number[], problem: string}}  `problem`: what to do about it, in one sentence
 */
export function readFigure(text, name, about) {
  const { number, readings, problem } = readNumber(text)
  if (readings) return { readings, problem: `“${text.trim()}” can be read in two ways. Which is meant?` }
  if (problem) {
    const sentences = {
      empty: "Write a number; 0 if there is none.",
      groups: "Group digits by threes or not at all, like 1,000,000 or 1000.5.",
      more: `Write the figures alone, without a letter or a unit, like ${about.example || 5}.`,
      "no number": `Write a number in figures, like ${about.example || 5}.`,
    }
    return { problem: sentences[problem] }
  }
  const wrong = problemWith(number, name, about)
  return wrong ? { problem: wrong } : { number, problem: "" }
}
