// A document cut into passages: at its headings, then between blocks, then between lines, sentences and words; as in rung
// (cutting.py), with a simpler reader of Markdown. It knows headings, fenced code, HTML tables and blank lines: a list with
// blank lines inside may be cut there. tests/unit/test_measure.py compares the two.

import { countWords } from "./count_words.js"

const FRONT_ENDS = { "---": ["---", "..."], "+++": ["+++"] } // of YAML and of TOML, by the line above it
const KEY = "\"[^\"]*\"|'[^']*'|[\\p{L}\\p{N}_.-]+"
const FRONT_KEYS = {
  // A YAML key is in quotes, or has at most three words: what has more is a sentence.
  "---": new RegExp(`^(?:${KEY}(?: [\\p{L}\\p{N}_.-]+){0,2}) ?:(?:[ \\t]|$)(.*)`, "u"),
  "+++": new RegExp(`^(?:(?:${KEY})[ \\t]*=(.*)|\\[.*\\]\\s*$)`, "u"),
}
const TITLE = /^["']?title["']? *[:=]\s*(.*)/i
const TABLE_RULE = /^[ \t|:-]+$/
const PLAIN = /\.(?:txt|pdf)$/i // no headings: in these a line with # is a comment, or what a program printed
const NAMELESS = ["readme", "index", "default"] // of files that are called by their folder
const HEADING = /^ {0,3}(#{1,6})(?=[ \t]|$)(.*)$/
const LONGEST_KEY = 1000 // letters of a line of front matter that are looked at
const UNDERLINE = /^ {0,3}(=+|-+)[ \t]*$/
const FENCE = /^ {0,3}(`{3,}|~{3,})/
const BREAK = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/
const STARTS = /^(?: {0,3}(?:[-*+]|\d{1,9}[.)])[ \t]| {0,3}>| {0,3}\|)/ // of a list, a quotation or a table

/** Whether a YAML list that goes on over lines ends in this one; a comment may follow. */
const endsList = (line) => /[\]}]$/.test(line.split(/\s#/)[0].trimEnd())

/** The lines of front matter, YAML or TOML, that a text begins with, and the lines behind it: all where it has none. */
function partedFromMatter(text) {
  const lines = text.split("\n")
  const rule = lines[0].trimEnd()
  const none = [[], lines]
  if (!["---", "+++"].includes(rule)) return none
  let inside = "" // "" before the first key, then "key", or "list" in a YAML list that goes on over lines
  for (let at = 1; at < lines.length; at++) {
    const line = lines[at]
    if (inside !== "list" && FRONT_ENDS[rule].includes(line.trimEnd())) {
      const matter = lines.slice(1, at)
      return inside || matter.every((one) => !one.trim()) ? [matter, lines.slice(at + 1)] : none
    }
    const key = FRONT_KEYS[rule].exec(line.slice(0, LONGEST_KEY))
    if (inside === "list") inside = endsList(line) ? "key" : "list"
    else if (key) inside = rule === "---" && /^\s*[[{]/.test(key[1]) && !endsList(line) ? "list" : "key"
    else if (line.trim() && line[0] !== "#" && !(inside && (rule === "+++" || " \t-]}".includes(line[0])))) return none
  }
  return none
}

/** The title that front matter gives, also one that goes on over indented lines; "" where it gives none. */
function titleIn(matter) {
  const at = matter.findIndex((line) => TITLE.test(line.slice(0, LONGEST_KEY)))
  if (at < 0) return ""
  const first = TITLE.exec(matter[at].slice(0, LONGEST_KEY))[1]
  const words = /^[>|][+-]?\d?[+-]?\s*$/.test(first) ? [] : [first]
  for (const line of matter.slice(at + 1)) {
    if (!/^[ \t]/.test(line)) break
    words.push(line)
  }
  const title = words.join(" ").split(/\s+/).filter(Boolean).join(" ")
  const quote = title[0]
  if (title.length < 2 || !(quote === '"' || quote === "'") || !title.endsWith(quote)) return title
  return title.slice(1, -1).replaceAll(quote === "'" ? "''" : '\\"', quote)
}

/** A document's title: in its front matter, else its file's name, or its folder's where that says nothing. */
function titleOf(name, matter) {
  const titled = titleIn(matter)
  if (titled) return titled
  const parts = name.split("/")
  const stem = parts.at(-1).replace(/(.)\.[^.]*$/, "$1")
  const called = NAMELESS.includes(stem.toLowerCase()) && parts.length > 1 ? parts.at(-2) : stem
  return called.replace(/[-_]+/g, " ")
}

/** A line as the heading that it is, or nothing. */
function headingOf(line) {
  const found = HEADING.exec(line)
  return found && { level: found[1].length, words: joined(found[2].trim().replace(/(^|[ \t])#+$/, "")) }
}

/** A text in one line. */
const joined = (text) => text.split(/\s+/).filter(Boolean).join(" ")

/** Whether headings leave room for half a passage below them. */
const fitsAbove = (heading, limit) => countWords(heading) <= Math.floor(limit / 2)

/**
 * Reads lines into blocks: {level, words} of a heading, {start, end} of anything else, and of a heading for which passages of
 * at most `limit` words have no room.
 */
class Blocks {
  constructor(lines, limit) {
    this.lines = lines
    this.limit = limit
    this.found = []
    this.start = null // of the block that is open
    this.fence = null // of the code that is open
    for (const [at, line] of lines.entries()) this.read(line, at)
    this.close(lines.length)
  }

  close(end) {
    if (this.start !== null) this.found.push({ start: this.start, end })
    this.start = null
  }

  head(heading, start, end) {
    this.found.push(fitsAbove(heading.words, this.limit) ? heading : { start, end })
  }

  read(line, at) {
    const mark = FENCE.exec(line)?.[1]
    if (this.fence) {
      if (!mark?.startsWith(this.fence) || line.trim() !== mark) return
      this.fence = null
      this.close(at + 1)
      return
    }
    const isParagraph = this.start !== null && !STARTS.test(this.lines[this.start])
    const heading = headingOf(line)
    if (mark) {
      this.close(at)
      this.start = at
      this.fence = mark
    } else if (heading) {
      this.close(at)
      this.head(heading, at, at + 1)
    } else if (isParagraph && UNDERLINE.test(line)) {
      const words = joined(this.lines.slice(this.start, at).join(" "))
      this.head({ level: line.includes("=") ? 1 : 2, words }, this.start, at + 1)
      this.start = null
    } else if (!line.trim()) this.close(at)
    else if (BREAK.test(line)) {
      this.close(at)
      this.found.push({ start: at, end: at + 1 })
    } else if (this.start === null || (isParagraph && STARTS.test(line))) {
      this.close(at)
      this.start = at
    }
  }
}

/** The lines of a block without the empty ones at its ends. */
function textOf(lines, { start, end }) {
  let [first, last] = [start, end]
  while (first < last && !lines[first]) first += 1
  while (last > first && !lines[last - 1]) last -= 1
  return lines.slice(first, last).join("\n")
}

/** Blocks below a heading, an HTML table as one: to Markdown it ends at each blank line. */
function wholeTables(blocks, lines) {
  const whole = []
  let unclosed = 0 // tables
  for (const { start, end } of blocks) {
    const markup = lines.slice(start, end).join("\n")
    if (unclosed) whole.at(-1).end = end
    else whole.push({ start, end })
    if (!unclosed && !/^\n* {0,3}</.test(markup)) continue
    const [opened, closed] = [/<table/gi, /<\/table/gi].map((tag) => markup.match(tag)?.length ?? 0)
    unclosed = Math.max(0, unclosed + opened - closed)
  }
  return whole
}

/** The parts between headings: level, words, and the blocks below. */
function sectionsOf(lines, limit) {
  const sections = [{ level: 0, words: "", blocks: [] }]
  for (const block of new Blocks(lines, limit).found) {
    if (block.level) sections.push({ ...block, blocks: [] })
    else sections.at(-1).blocks.push(block)
  }
  return sections
}

/** A text without headings: its blocks are what stands between blank lines. */
function plainSection(lines) {
  const blocks = []
  let start = 0
  for (const [at, line] of [...lines, ""].entries()) {
    if (line.trim()) continue
    if (start < at) blocks.push({ start, end: at })
    start = at + 1
  }
  return { level: 0, words: "", blocks }
}

/** Whether what a sticky pattern describes stands at a place. */
function stands(pattern, text, at) {
  pattern.lastIndex = at
  return pattern.test(text)
}

/** Whether a line ends before a place. */
const atLineEnd = (text, at) => text[at - 1] === "\n"

/** Whether a line begins at a place, or the text. */
const atLineStart = (text, at) => at === 0 || atLineEnd(text, at)

/** Whether a tag may have ended before a place. */
const isBehindTag = (text, at) => text[at - 1] === ">" && /[\p{L}\p{N}_"'/]/u.test(text[at - 2] ?? "")

/** Whether a row of an HTML table begins at a place. */
function beginsRow(text, at) {
  if (atLineStart(text, at)) return stands(/[ \t>]*<tr\b/iy, text, at)
  return isBehindTag(text, at) && stands(/[ \t]*<tr\b/iy, text, at)
}

/** Whether an HTML table begins or ends at a place. */
function bordersTable(text, at) {
  if (atLineStart(text, at)) return stands(/[^<\n]*<table\b/iy, text, at)
  if (!isBehindTag(text, at)) return false
  return stands(/[ \t]*<table\b/iy, text, at) || /<\/table>$/i.test(text.slice(Math.max(0, at - 8), at))
}

/** Whether a text may be cut before a place: where a row of an HTML table begins, behind a line end, behind a sentence, before a word. */
const CUTS = [
  beginsRow,
  atLineEnd,
  (text, at) => ".!?;".includes(text[at - 1]) && /\s/.test(text[at]),
  (text, at) => /\s/.test(text[at - 1]) && /\S/.test(text[at]),
]

/** A text cut wherever it may be, joined again by "". */
function divided(text, mayCut) {
  const parts = []
  let start = 0
  for (let at = 1; at < text.length; at++) {
    if (!mayCut(text, at)) continue
    parts.push(text.slice(start, at))
    start = at
  }
  return [...parts, text.slice(start)]
}

/** A text in pieces of at most `limit` words; one letter may exceed it. */
function splitLong(text, limit, level = 0) {
  if (countWords(text) <= limit || text.length <= 1) return [text]
  if (level === CUTS.length) {
    const half = text.length >> 1
    return [...splitLong(text.slice(0, half), limit, level), ...splitLong(text.slice(half), limit, level)]
  }
  const pieces = []
  let used = 0
  for (const part of divided(text, CUTS[level])) {
    const words = countWords(part)
    if (words > limit) {
      pieces.push(...splitLong(part, limit, level + 1))
      used = limit // nothing is added to the rest of a part that was too long
    } else if (pieces.length && used + words <= limit) {
      pieces[pieces.length - 1] += part
      used += words
    } else {
      pieces.push(part)
      used = words
    }
  }
  return pieces
}

/** Whether a line is the rule below a table's first row, also in a quotation. */
function isTableRule(line) {
  const rule = line.trim().replace(/^[> \t]+/, "")
  return TABLE_RULE.test(rule) && rule.includes("-") && (rule.includes("|") || rule.includes("--"))
}

/** Whether a row of an HTML table names columns; one cell alone, except in the first row, titles those below. */
function isHeader(row, isFirst) {
  if (!/<th/i.test(row) || /<td\b(?![^<>]*>\s*<\/td)/i.test(row)) return false
  return isFirst || row.match(/<t[dh]\b/gi)?.length > 1
}

/** A block in parts, of a table its header and its rows, of anything else "" and its text. */
function aroundHtmlTables(block) {
  return divided(block, bordersTable).flatMap((text) => {
    const rows = divided(text, beginsRow)
    const above = beginsRow(text, 0) ? "" : rows.shift()
    const first = rows.findIndex((row, at) => !isHeader(row, at === 0)) // below the header
    if (first < 1) return aroundTables(text)
    return [[above + rows.slice(0, first).join(""), rows.slice(first).join("")]]
  })
}

/** A block without HTML in parts, of a table its two head lines and its rows, of anything else "" and its text. */
function aroundTables(block) {
  const lines = divided(block, atLineEnd)
  const found = []
  let [at, done] = [0, 0]
  while (at + 2 < lines.length) {
    if (!lines[at].includes("|") || !lines[at + 2].includes("|") || !isTableRule(lines[at + 1])) {
      at += 1
      continue
    }
    if (done < at) found.push(["", lines.slice(done, at).join("")])
    done = at + 2
    while (done < lines.length && lines[done].includes("|")) done += 1
    found.push([lines.slice(at, at + 2).join(""), lines.slice(at + 2, done).join("")])
    at = done
  }
  if (done < lines.length) found.push(["", lines.slice(done).join("")])
  return found
}

/** A block in pieces that fit: whole, or each part of a table below the table's head, unless that is too long. */
function pieces(block, room) {
  if (countWords(block) <= room) return [block]
  return aroundHtmlTables(block).flatMap(([header, rest]) => {
    const head = countWords(header) <= room / 2 ? header : ""
    return splitLong(head ? rest : header + rest, room - countWords(head)).map((piece) => head + piece)
  })
}

/** Blocks as many together as there is room for. */
function packed(blocks, room) {
  const texts = []
  let used = 0
  for (const part of blocks.flatMap((block) => pieces(block, room))) {
    const text = part.trim()
    if (!text) continue
    const words = countWords(part)
    if (texts.length && used + words <= room) {
      texts[texts.length - 1] += `\n\n${text}`
      used += words
    } else {
      texts.push(text)
      used = words
    }
  }
  return texts
}

/** A path of headings without its first words where it alone would fill a passage. */
function shortened(heading, limit) {
  let short = heading
  while (!fitsAbove(short, limit) && short.includes(" ")) short = short.slice(short.indexOf(" ") + 1).replace(/^> /, "")
  return fitsAbove(short, limit) ? short : ""
}

/** Texts below a heading as passages of a document; `shown` is what is searched. */
function under(document, heading, texts) {
  return texts.map((text) => ({ document, heading, text, shown: heading ? `${heading}\n${text}` : text }))
}

/** The passages of blocks of text that stand below a path of headings, none longer than `limit`, as those of `cut`. */
export function passagesBelow(document, path, blocks, limit) {
  const heading = shortened(path, limit)
  return under(document, heading, packed(blocks, limit - countWords(heading)))
}

/**
 * A document's passages, in order, none longer than `limit` words and punctuation marks, its headings included.
 * @returns {{document: string, heading: string, text: string, shown: string}[]}  `shown` is what is searched
 */
export function cut(name, text, limit) {
  const [matter, lines] = partedFromMatter(text)
  let path = [{ level: 0, words: titleOf(name, matter) }]
  const sections = PLAIN.test(name) ? [plainSection(lines)] : sectionsOf(lines, limit)
  return sections.flatMap(({ level, words, blocks }, at) => {
    if (words) {
      // A first-level heading right at the top is the title, in place of the file's name.
      const above = level === 1 && path.length === 1 ? [] : path.filter((one) => one.level < level)
      path = [...above, { level, words }]
    }
    const heading = shortened(path.map((one) => one.words).join(" > "), limit)
    const room = limit - countWords(heading)
    const texts = wholeTables(blocks, lines).map((block) => textOf(lines, block))
    let parts = packed(texts, room)
    // A heading with nothing below it is a passage of its own.
    if (!parts.length && words && (sections[at + 1]?.level ?? 0) <= level) parts = splitLong(words, room)
    return under(name, heading, parts)
  })
}
