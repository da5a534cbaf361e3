// Checks the sources of an answer: the same rules as the program of rung 2 that cites numbered sources. Pure; a unit test
// compares the two. A figure that stands in a passage was not made up; that it answers the question is not shown.

import { canonical, standsIn } from "../measure/scoring.js"

// A sum of money, a percentage or a number with its unit, in canonical form: £35, 12 %, 30 day.
const NO_UNIT = "(?:and|or|of|to|in|on|at|for|from|if|is|are|by|with)(?![\\p{L}\\p{N}_])"
const FIGURE = new RegExp(`−?(?:[£€$¥]\\d+(?:[.,]\\d+)*|\\d+(?:[.,]\\d+)*(?: (?:%|(?!${NO_UNIT})\\p{L}+))?)`, "gu")
const CITATION = /\[([\d\s,;–-]+)\]/g
const MOST_CITED = 100 // of one range: nobody gives a model more passages

/** The numbers in square brackets: [2], [1][2], [1, 2] and [1-3]. */
export function sourcesCited(answer) {
  const cited = new Set()
  for (const [, group] of answer.matchAll(CITATION)) {
    for (const [, first, last] of group.matchAll(/(\d+)(?:\s*[–-]\s*(\d+))?/g)) {
      const end = Math.min(Number(last ?? first), Number(first) + MOST_CITED)
      for (let number = Number(first); number <= end; number++) cited.add(number)
    }
  }
  return cited
}

const sorted = (numbers) => [...numbers].sort((one, other) => one - other)

/**
 * Compares what an answer cites with the passages there are, and with those that hold each figure in it.
 * @param {string} answer
 * @param {string[]} sources  the passages of the prompt, the first being number 1
 * @returns {{kind: "unknown"|"nothing"|"rejected"|"attach"|"wrong"|"missing"|"holds", figures: string[], cited: number[],
 *   sources: number[]}}  `sources`: those meant by `kind`, or that hold the figures
 */
export function check(answer, sources) {
  const cited = sourcesCited(answer)
  const figures = canonical(answer.replace(CITATION, "")).match(FIGURE) ?? []
  const texts = sources.map(canonical)
  const holding = figures.map(
    (figure) => new Set(texts.flatMap((text, at) => (standsIn(text, [figure]) ? at + 1 : []))),
  )
  const result = (kind, numbers) => ({ kind, figures, cited: sorted(cited), sources: sorted(numbers) })
  const unknown = [...cited].filter((number) => number < 1 || number > sources.length)
  if (unknown.length) return result("unknown", unknown)
  if (!figures.length) return result("nothing", [])
  if (holding.some((numbers) => !numbers.size)) return result("rejected", [])
  const all = new Set(holding.flatMap((numbers) => [...numbers]))
  const shared = [...all].filter((number) => holding.every((numbers) => numbers.has(number)))
  const wanted = shared.length ? shared : all // one source for all of it, else one for each figure
  if (!cited.size) return result("attach", wanted)
  if ([...cited].some((number) => !all.has(number))) return result("wrong", wanted)
  const isWhole = holding.every((numbers) => [...numbers].some((number) => cited.has(number)))
  return result(isWhole ? "holds" : "missing", wanted)
}
