// What the mock interview says, and text with links in it.

import { count, element } from "../shared.js"

/** How many words a text has. */
export const wordsIn = (text) => text.trim().split(/\s+/).filter(Boolean).length

const wordSet = (...lines) => new Set(lines.join(" ").split(" "))
const COMMON_ENGLISH = wordSet(
  "a an and are as at be but by can do for from have i if in is it its not of on or so that the they this to we what",
  "when will with you",
)
// The commonest words of languages whose texts hold English ones too, as German and Dutch do: in, so, is, an, will.
const COMMON_ELSEWHERE = wordSet(
  "auf das dass dem den der ein eine es für ich ist mit nicht sich und wir zu", // German
  "dat de een en het ik je maar met niet om op te van wij ze zijn", // Dutch
  "aux ce dans des du elle est et il je la le les ne nous pas pour qui sur un une", // French
  "che con di gli io nel non più sono una", // Italian
  "como el la las los más por para que se sin su una y", // Spanish
  "com da dos eu não os que uma", // Portuguese
  "av det ikke jag jeg och og på som til å är", // Danish, Norwegian, Swedish
)
const FEWEST_WORDS = 8

/**
 * Whether a text may be English. Few words are taken for it; of more, a tenth must be common in English, and no fewer than
 * are common in another language.
 */
export function mayBeEnglish(text) {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? []
  if (words.length < FEWEST_WORDS) return !/\p{L}/u.test(text) || /[a-z]/i.test(text)
  const common = (known) => words.filter((word) => known.has(word)).length
  const english = common(COMMON_ENGLISH)
  return english >= words.length / 10 && english >= common(COMMON_ELSEWHERE)
}

/** The address of a page of the guide, such as `ladder/rag.md#what-it-fixes`. */
export function pageAddress(path) {
  const [file, anchor] = path.split("#")
  const page = file.replace(/(^|\/)index\.md$/, "$1").replace(/\.md$/, "/")
  return new URL(`../../../${page}${anchor ? `#${anchor}` : ""}`, import.meta.url).href
}

/** Text with [words](page.md#part) as nodes: the links become links, the rest stays text. */
export function withLinks(text) {
  const parts = text.split(/\[([^\]]+)\]\(([^)\s]+)\)/) // text, words, address, text, words, address, ...
  return parts.map((part, index) => {
    if (index % 3 === 0) return part
    return index % 3 === 1 ? element("a", { href: pageAddress(parts[index + 1]) }, part) : null
  })
}

/** Text with blank lines as paragraphs. */
export const paragraphs = (text) => text.split("\n\n").map((part) => element("p", {}, withLinks(part)))

/** What was left out the last time, of so many points; nothing where nothing was. */
export function lastTime(left, points) {
  if (!left) return ""
  return `Last time you left out ${left === points ? "every point" : count(left, "point")} of ${points}.`
}

/**
 * How an attempt stands, in one sentence; nothing before the first point is judged.
 * @param {(string|undefined)[]} verdicts  "said" or "left" of each point, undefined where it is not judged yet
 */
export function summary(verdicts) {
  const said = verdicts.filter((verdict) => verdict === "said").length
  const left = verdicts.filter((verdict) => verdict === "left").length
  const open = verdicts.length - said - left
  if (open === verdicts.length) return ""
  if (open) return `${said} said, ${left} left out, ${open} still to judge.`
  if (!left) return `All ${said} points said. They come back later, and later still each time.`
  const points = left === 1 ? "The point" : "The points"
  return `${said} of ${verdicts.length} said. ${points} left out will come back first.`
}

/** What came of an import, in one sentence. */
export function imported(points, broken) {
  if (points) {
    const rest = broken ? "; the rest of the file could not be read" : ""
    return `${count(points, "point")} imported${rest}. Where both knew a point, the later try counts.`
  }
  return broken
    ? "That file is not progress exported from here, so nothing was changed."
    : "That file holds no points, so nothing was changed."
}
