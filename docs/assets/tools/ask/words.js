// What the page that answers from the guide says of what it found.

export const NAMES = { keyword: "Keyword", minilm: "MiniLM", fused: "Fused" }
export const LESSONS = {
  keyword: "BM25: passages that share words with the question, rare words counting most. The site’s own search box.",
  minilm: "Sentence vectors of all-MiniLM-L6-v2: passages that mean something similar, whatever their words.",
  fused: "Both rankings added up by reciprocal rank.",
}
export const THRESHOLDS = {
  keyword: "Leave out what scores below",
  minilm: "Leave out what is less similar than",
  fused: "Leave out what is less similar than",
}
export const HEADS = ["Passage", "Keyword", "MiniLM", "Fused"]
export const CAPTION =
  "The first passages of each search: rank, then BM25 score, cosine similarity, and the sum of reciprocal ranks"

const passages = (count) => `${count.toLocaleString("en")} ${count === 1 ? "passage" : "passages"}`

/** A threshold as the slider shows it. */
export const sayLeast = (by, least) => (by === "keyword" ? String(least) : least.toFixed(2))

/** A score with the digits that tell hits apart. */
export function sayScore(by, score) {
  if (by === "keyword") return score.toFixed(1)
  return score.toFixed(by === "minilm" ? 2 : 4)
}

/** What was searched for a recorded run. */
export const sayRecorded = (count) => `Recorded: ${passages(count)} of the guide were searched.`

/** What was searched here: the guide, or so many files of the reader's. */
export function saySource(count, files) {
  const whose = files ? `of ${files} ${files === 1 ? "file" : "files"} of yours` : "of the guide"
  return `Searched in this tab: ${passages(count)} ${whose}.`
}

/** A passage's place in its section: “passage 2 of 5”, or nothing where it is the whole section. */
export const sayPart = ({ number, of }) => (of > 1 ? `passage ${number} of ${of}` : "the whole section")

/** What the prompt takes of what was found. */
export function sayTaken(by, count, least, nearest) {
  if (count) return `${passages(count)} for the prompt.`
  const limit = `${by === "keyword" ? "a score of" : "a similarity of"} ${sayLeast(by, least)}`
  const best = nearest
    ? `the nearest has ${sayScore(by === "keyword" ? by : "minilm", nearest.closeness)}`
    : "nothing shares a word with the question"
  return `I don’t know. Nothing is close enough to the question: ${limit} is asked for, and ${best}. No prompt is made.`
}

/** How long a prompt is. */
export const sayTokens = (tokens, isExact) =>
  isExact
    ? `${tokens.toLocaleString("en")} tokens for SmolLM2-135M.`
    : `About ${tokens.toLocaleString("en")} tokens, estimated from its words and punctuation marks.`

const list = (numbers) =>
  numbers.length === 1 ? `passage ${numbers[0]}` : `passages ${numbers.slice(0, -1).join(", ")} and ${numbers.at(-1)}`

/** What the check of an answer's sources found. */
export function sayCheck({ kind, figures, cited, sources }) {
  const said = figures.map((figure) => `“${figure}”`).join(", ")
  const words = {
    unknown: `Source check: it cites ${list(sources)}, which the prompt does not have.`,
    nothing: "Source check: the answer has no figure to look for in the passages. Read them beside it.",
    rejected: `Source check: no passage holds all of ${said}. Reject the answer.`,
    attach: `Source check: its figures, ${said}, stand in ${list(sources)}.`,
    wrong: `Source check: it cites ${list(cited)}, and its figures, ${said}, stand in ${list(sources)}.`,
    missing: `Source check: its figures, ${said}, stand in ${list(sources)}, and it cites only ${list(cited)}.`,
    holds: `Source check: its figures, ${said}, stand in what it cites, ${list(cited)}.`,
  }
  return words[kind]
}

const tokensIn = (number) => `${number.toLocaleString("en")} ${number === 1 ? "token" : "tokens"}`

/** What the model in the tab does now. */
export const sayRead = (tokens) => `Reading the prompt, ${tokensIn(tokens)}.`

/**
 * What reading and writing took.
 * @param {{tokens: number, count: number, isCut: boolean, seconds: {reading: number, writing: number}}} took  tokens of the
 *   prompt and of the answer; whether the answer was cut off
 */
export function sayWritten({ tokens, count: written, isCut, seconds }) {
  const rate = seconds.writing > 0 && written ? `, ${(written / seconds.writing).toFixed(1)} a second` : ""
  const cut = isCut ? ` It was cut off at ${written} tokens.` : ""
  const read = `${tokensIn(tokens)} read in ${seconds.reading.toFixed(1)} s`
  return `${read}, ${tokensIn(written)} written in ${seconds.writing.toFixed(1)} s${rate}.${cut}`
}
