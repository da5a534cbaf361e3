// When an accepted answer stands in a text, and on which side of the split an item falls: as in rung (scoring.py, case.py).
// tests/unit/test_measure.py compares the two. No lookbehind: Safari before 16.4 refuses the whole file.

import { sha256 } from "./sha256.js"

const MARKS = new Map([..."‘’ʼ“”„‐‑–−"].map((mark, at) => [mark, "'''\"\"\"----"[at]]))
const SIGN = "−" // stands for a minus that belongs to the number after it
const UNITS = "%|°c|mm|cm|km|kg|mg|ml|kwh|wh|nm|psi|ms|kb|mb|gb|tb|px|mph|am|pm"
const IN_WORD = "\\p{L}\\p{N}_"
const FORMS = [
  [new RegExp(`(^|[^${IN_WORD}])(?:-|minus )(?=[£€$¥]?\\d)`, "gu"), `$1${SIGN}`], // a sign, no hyphen
  [/,/g, (_, at, text) => (isDecimalComma(text, at) ? "," : "")], // 2,640 is 2640, commas between words go; 3,4 is not 34
  [new RegExp(`(^|[^${IN_WORD}.,])(\\d+)(?:[.,]00|\\.0)(?![${IN_WORD}]|[.,]\\d)`, "gu"), "$1$2"], // £5.00 is £5
  [/([£€$¥]) (?=\d)/g, "$1"], // £ 5 is £5
  [new RegExp(`(\\d)(?=(?:${UNITS})(?![${IN_WORD}]))`, "gu"), "$1 "], // 45km is 45 km
  [/([\p{L}\p{N}])-(?=\p{L})/gu, "$1 "], // 30-day is 30 day; RX-3 stays
  [new RegExp(`(\\d) (\\p{L}{2,}?)s'?(?![${IN_WORD}])`, "gu"), "$1 $2"], // 30 days is 30 day
]
const isDigit = (letter) => letter >= "0" && letter <= "9"
const isWordly = (letter) => letter !== undefined && new RegExp(`[${IN_WORD}]`, "u").test(letter)
const isLetter = (letter) => letter !== undefined && /\p{L}/u.test(letter)

function isDecimalComma(text, at) {
  if (at === 0 || !isDigit(text[at - 1]) || at + 1 >= text.length || !isDigit(text[at + 1])) return false
  return !/^\d{3}(?!\d)/.test(text.slice(at + 1, at + 5))
}

/** A text in small letters, as Python's casefold() has them for the letters of European languages. */
const folded = (text) =>
  text
    .toLowerCase()
    .replace(/ß/g, "ss")
    .replace(/ς/g, "σ")
    .replace(/ſ/g, "s")
    .replace(/[\uFB00-\uFB06]/g, (letters) => letters.normalize("NFKC"))

/** The text in the form in which answers are compared: one of case, accents, quotes, dashes, figures and units. */
export function canonical(text) {
  const marked = Array.from(folded(text.normalize("NFC")), (letter) => MARKS.get(letter) ?? letter).join("")
  let plain = marked
    .replace(/[\u00AD\u200B]/g, "")
    .replace(/\s+/g, " ")
    .trim()
  for (const [pattern, form] of FORMS) plain = plain.replace(pattern, form)
  return plain
}

/** Whether a fact stands at a place in whole words and figures: 5 is not in -5, 15, 5.2 or RX-5. */
function standsAt(text, at, end) {
  const [before, twoBefore] = [text[at - 1], text[at - 2]]
  if (isWordly(before) || before === SIGN) return false
  if (twoBefore === SIGN && "£€$¥".includes(before)) return false
  if ((before === "." || before === ",") && isDigit(twoBefore ?? "")) return false
  if (before === "-" && isLetter(twoBefore)) return false
  const after = text[end]
  if (isWordly(after) || after === "+" || after === "#") return false
  return !((after === "." || after === ",") && isDigit(text[end + 1] ?? ""))
}

/** Whether one of some facts stands in a text, all canonical already. */
export function standsIn(text, facts) {
  return facts.some((fact) => {
    if (!fact) return false
    for (let at = text.indexOf(fact); at >= 0; at = text.indexOf(fact, at + 1)) {
      if (standsAt(text, at, at + fact.length)) return true
    }
    return false
  })
}

/** Whether a text falls to test: by a hash of its canonical form alone, so that adding items moves none. */
export function isTest(text, share = 0.6) {
  const bytes = sha256(new TextEncoder().encode(canonical(text)))
  const place = bytes.slice(0, 8).reduce((sum, byte, at) => sum + byte / 256 ** (at + 1), 0)
  return place < share
}
