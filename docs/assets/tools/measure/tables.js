// Reads a reader's files as rows: CSV or JSON lines, the columns under the names that `rung` uses. Pure but for decoding.

import { UserError } from "../shared.js"

export const LARGEST = 20_000_000 // bytes of a file
const MOST_ROWS = 100_000
export const YES = new Set(["yes", "y", "true", "1", "right", "ja"])
export const NO = new Set(["no", "n", "false", "0", "wrong", "nein"])
const COLUMNS = {
  question: ["question", "query", "q"],
  answers: ["answers", "answer", "accept", "accepted"],
  text: ["text", "message", "body"],
  label: ["label", "class", "category"],
  item: ["item", "id"],
  document: ["document", "source", "file"],
  right: ["right", "correct"],
}
const NAMES = new Map(Object.entries(COLUMNS).flatMap(([name, aliases]) => aliases.map((alias) => [alias, name])))

/** What the reader can fix: one sentence that says what to do. */
export class Unusable extends UserError {}

/**
 * A row of a table: its values by column, and where people see it: "row 4" of a spreadsheet, in which the names of the
 * columns are row 1, empty rows count and a cell may span lines; "line 4" of JSON lines; "entry 4" of a list in JSON.
 */
class Row extends Map {
  constructor(entries, number, unit) {
    super(entries)
    this.number = number
    this.place = `${unit} ${number}`
  }
}

/** The text of a file's bytes: a byte order mark decides, else UTF-8, else Windows-1252. Line ends become newlines. */
export function decode(bytes, name = "The file") {
  const [first, second] = bytes
  const marked = first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : null
  let text
  try {
    text = new TextDecoder(marked ?? "utf-8", { fatal: true }).decode(bytes)
  } catch {
    if (marked) throw new Unusable(`${name} is not text, or damaged. Save it as UTF-8.`)
    text = new TextDecoder("windows-1252").decode(bytes)
  }
  if (text.includes("\0"))
    throw new Unusable(`${name} is not text. Save it as CSV, JSON lines, Markdown or plain text.`)
  return text.replace(/\r\n?/g, "\n")
}

/**
 * Cells of separated text, row by row, empty ones too; quotes may hold separators, quotes (twice) and line ends. `above`
 * lines stand before the text. Throws Unusable where a quote that opens never closes, which would make one cell of all
 * that follows.
 */
function cellsOf(text, separator, name, above) {
  const rows = []
  let row = []
  let cell = ""
  let isQuoted = false
  let opened = 0 // the line of the last quote that opened
  let line = above + 1
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]
    if (letter === "\n") line += 1
    if (isQuoted) {
      if (letter !== '"') cell += letter
      else if (text[at + 1] === '"') cell += text[++at]
      else isQuoted = false
    } else if (letter === '"' && !cell) {
      isQuoted = true
      opened = line
    } else if (letter === separator || letter === "\n") {
      row.push(cell)
      cell = ""
      if (letter === separator) continue
      rows.push(row)
      row = []
      if (rows.length > MOST_ROWS + 1) break
    } else cell += letter
  }
  if (isQuoted) throw new Unusable(`${name}, line ${opened}: a quote opens and never closes. Close it, or double it.`)
  if (cell || row.length) rows.push([...row, cell])
  return rows
}

/** Rows of comma, semicolon or tab separated text, by the names in the first line, above which so many are empty. */
function csvRows(text, name, above) {
  const header = text.slice(0, text.indexOf("\n") + 1 || text.length)
  const count = (separator) => header.split(separator).length
  const separator = [",", ";", "\t"].reduce((best, one) => (count(one) > count(best) ? one : best))
  const [names, ...rows] = cellsOf(text, separator, name, above)
  return rows.map((cells, at) => ({
    entries: names.map((called, place) => [called, (cells[place] ?? "").trim()]),
    number: above + at + 2,
    unit: "row",
  }))
}

/** Rows of JSON: one object a line, above which so many are empty, or one list of objects. */
function jsonRows(text, name, above) {
  const wrong = (place) =>
    new Unusable(`${name}, ${place}: it should be one JSON object a line, such as {"item": "q1", "right": true}.`)
  const read = (line, place) => {
    try {
      const value = JSON.parse(line)
      if (value && typeof value === "object" && !Array.isArray(value)) return value
    } catch {
      // told below
    }
    throw wrong(place)
  }
  if (text.startsWith("[")) {
    let list
    try {
      list = JSON.parse(text)
    } catch {
      throw new Unusable(`${name} begins like a list in JSON and is none. Write one JSON object a line.`)
    }
    return list.map((value, at) => ({
      entries: Object.entries(read(JSON.stringify(value ?? null), `entry ${at + 1}`)),
      number: at + 1,
      unit: "entry",
    }))
  }
  const lines = text.split("\n").map((line, at) => [line, above + at + 1])
  const full = lines.filter(([line]) => line.trim())
  return full.map(([line, number]) => ({ entries: Object.entries(read(line, `line ${number}`)), number, unit: "line" }))
}

const isEmpty = (value) => value === "" || value === null || (Array.isArray(value) && !value.length)

/**
 * The rows of a table as maps from column to value: text, and from JSON whatever stands there. Rows without any value are
 * left out. Throws Unusable with a sentence.
 * @returns {Row[]}
 */
export function readTable(text, name) {
  const trimmed = text.replace(/^\uFEFF/, "").trim()
  if (!trimmed) throw new Unusable(`${name} is empty.`)
  const above = text.slice(0, text.indexOf(trimmed)).split("\n").length - 1
  const rows = /^[[{]/.test(trimmed) ? jsonRows(trimmed, name, above) : csvRows(trimmed, name, above)
  if (rows.length > MOST_ROWS) throw new Unusable(`${name} has more than ${MOST_ROWS} rows. Give a sample of them.`)
  const full = rows.filter(({ entries }) => entries.some(([, value]) => !isEmpty(value)))
  if (!full.length) throw new Unusable(`${name} has a first line and no rows below it.`)
  return full.map(({ entries, number, unit }) => {
    const named = entries.map(([key, value]) => [key.trim().toLowerCase(), value]).filter(([key]) => key)
    return new Row(
      named.map(([key, value]) => [NAMES.get(key) ?? key, value]),
      number,
      unit,
    )
  })
}

/** Throws Unusable where no row has a column; `also` is another name that it may have. */
export function needColumn(rows, file, name, also = "") {
  if (rows.some((row) => row.has(name))) return
  const has = [...rows[0].keys()].join(", ").slice(0, 200)
  throw new Unusable(`${file} needs a column “${name}”${also && ` (or “${also}”)`} and has: ${has}.`)
}

/** A value as text: what JSON may hold, and nothing as "". */
export function textOf(value) {
  if (value === null || value === undefined) return ""
  return typeof value === "object" ? Object.values(value).map(textOf).join(", ") : String(value).trim()
}

/** Whether a value says yes or no; null where it says neither. */
export function truthOf(value) {
  const word = textOf(value).toLowerCase()
  return YES.has(word) ? true : NO.has(word) ? false : null
}
