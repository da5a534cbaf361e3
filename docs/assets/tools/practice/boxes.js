// Leitner's boxes: a point that was said moves one box up, a point left out goes back to the first. A point in a higher box
// waits longer before it is asked for again. What a prompt needs, and which comes next, follows from that. No page is
// needed.

const MINUTE = 60_000 // milliseconds
const DAY = 24 * 60 * MINUTE

/** How long a point waits in each box, in milliseconds; the intervals are ours. */
export const WAITS = [10 * MINUTE, DAY, 2 * DAY, 4 * DAY, 8 * DAY]

/** Whether a number is that of a box. */
export const isBox = (number) => Number.isInteger(number) && number >= 1 && number <= WAITS.length

/** The name under which a point's box is kept. */
export const pointKey = (prompt, point) => `${prompt.id}/${point.id}`

/** The box after one more attempt: one up, or back to the first. A point never tried starts in the second when said. */
export function nextBox(box, wasSaid) {
  return wasSaid ? Math.min((box ?? 1) + 1, WAITS.length) : 1
}

const dueAt = ({ box, at }) => at + WAITS[box - 1]

/** Whether a point's wait is over. */
export const isDue = (kept, now) => dueAt(kept) <= now

/** What is kept of a prompt's points, those never tried left out. */
const keptOf = (prompt, points) => prompt.rubric.map((point) => points.get(pointKey(prompt, point))).filter(Boolean)

/** How much a prompt is in need of another round: its points that are due, those in low boxes counting most. */
export function need(prompt, points, now = Date.now()) {
  const due = keptOf(prompt, points).filter((kept) => isDue(kept, now))
  return due.reduce((sum, { box }) => sum + WAITS.length + 1 - box, 0)
}

/** Whether no point of a prompt was ever tried. */
export const isNew = (prompt, points) => !keptOf(prompt, points).length

/** The points of a prompt that were left out the last time. */
export const leftOut = (prompt, points) =>
  prompt.rubric.filter((point) => points.get(pointKey(prompt, point))?.box === 1)

/** The prompts from easy to hard, and within a level one of each kind in turn. */
export function inOrder(prompts) {
  const groups = new Map()
  const groupOf = ({ level, kind }) => `${level} ${kind}`
  for (const prompt of prompts) groups.set(groupOf(prompt), [...(groups.get(groupOf(prompt)) ?? []), prompt])
  const place = (prompt) => groups.get(groupOf(prompt)).indexOf(prompt)
  return [...prompts].sort((one, other) => one.level - other.level || place(one) - place(other))
}

/** The first of the prompts for which a measure is least. */
const leastBy = (prompts, measure) =>
  prompts.reduce((best, prompt) => (measure(prompt) < measure(best) ? prompt : best))

/**
 * What to ask next: first what is due, most in need first; then what is new; then what will be due soonest.
 * @param {Object[]} prompts  at least one
 * @param {Map<string, {box: number, at: number}>} points  by pointKey()
 * @param {string} current  the id of the prompt that is open; it is not asked again where there is another
 * @param {Set<string>} passed  prompts shown on this visit, which wait until all others were; emptied of them then
 * @param {number} now
 */
export function pickNext(prompts, points, current, passed, now = Date.now()) {
  const others = prompts.length > 1 ? prompts.filter((prompt) => prompt.id !== current) : prompts
  if (others.every((prompt) => passed.has(prompt.id))) for (const prompt of others) passed.delete(prompt.id)
  const waiting = others.filter((prompt) => !passed.has(prompt.id))
  const due = waiting.filter((prompt) => need(prompt, points, now))
  if (due.length) return leastBy(due, (prompt) => -need(prompt, points, now))
  const fresh = inOrder(prompts).find((prompt) => waiting.includes(prompt) && isNew(prompt, points))
  return fresh ?? leastBy(waiting, (prompt) => Math.min(...keptOf(prompt, points).map(dueAt)))
}
