// Cuts text into the word pieces that all-MiniLM-L6-v2 was trained on. The same pieces as the Python tokenizer gives:
// tests/browser/test_meaning_score.py compares the two.

const SPECIAL = /(\[(?:PAD|UNK|CLS|SEP|MASK)\])/
const DROPPED = /[\0\uFFFD]|\p{Cc}|\p{Cf}|\p{Co}|\p{Cs}/gu
const CHINESE =
  /[\u4E00-\u9FFF\u3400-\u4DBF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B920}-\u{2CEAF}\uF900-\uFAFF\u{2F800}-\u{2FA1F}]/gu
const WORD = /[!-/:-@[-`{-~\p{P}]|[^\s!-/:-@[-`{-~\p{P}]+/gu
const LONGEST_WORD = 100

/** Without accents, control characters and capitals; Chinese characters stand apart. */
function normalised(text) {
  const cleaned = text
    .replace(/[\t\n\r]/g, " ")
    .replace(DROPPED, "")
    .replace(/\p{White_Space}/gu, " ")
  const plain = cleaned
    .replace(CHINESE, " $& ")
    .normalize("NFD")
    .replace(/\p{Mn}/gu, "")
  // Letter by letter: a whole word's last sigma would become another letter.
  return Array.from(plain, (letter) => letter.toLowerCase()).join("")
}

export class Tokenizer {
  /** @param {string} vocabulary  one piece a line; the line's number is the piece's */
  constructor(vocabulary) {
    this.ids = new Map(
      vocabulary
        .trimEnd()
        .split("\n")
        .map((piece, id) => [piece, id]),
    )
  }

  /** The longest piece that fits, then the longest that goes on from there; a word that does not come out is unknown. */
  pieces(word) {
    const letters = Array.from(word)
    const unknown = [this.ids.get("[UNK]")]
    if (letters.length > LONGEST_WORD) return unknown
    const found = []
    for (let start = 0, end; start < letters.length; start = end) {
      let id
      for (end = letters.length; end > start; end--) {
        id = this.ids.get((start ? "##" : "") + letters.slice(start, end).join(""))
        if (id !== undefined) break
      }
      if (id === undefined) return unknown
      found.push(id)
    }
    return found
  }

  /** The numbers of a text's pieces, between a beginning and an end, `limit` at most. */
  encode(text, limit = 256) {
    const found = []
    for (const part of text.split(SPECIAL)) {
      if (found.length >= limit) break
      if (SPECIAL.test(part)) found.push(this.ids.get(part))
      else
        for (const [word] of normalised(part).matchAll(WORD)) {
          if (found.length >= limit) break
          found.push(...this.pieces(word))
        }
    }
    return [this.ids.get("[CLS]"), ...found.slice(0, limit - 2), this.ids.get("[SEP]")]
  }
}
