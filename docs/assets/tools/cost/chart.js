// The lines of the cost tool: credits spent by the end of each month, as SVG.

import { drawn } from "../shared.js"
import { breakEvenMonth, cumulative } from "./model.js"
import { say, sayShort } from "./numbers.js"

const MONTHS_BETWEEN_TICKS = [1, 2, 3, 6, 12, 24]
const EDGE = { left: 46, right: 82, top: 22, bottom: 34 } // pixels around the lines
const LINE_HEIGHT = 16

/** A short piece of a way's line, to stand beside its name. */
export function swatch(way) {
  const line = drawn("line", { class: `cost-line ${way}`, x1: 0, x2: 26, y1: 4, y2: 4 })
  return drawn("svg", { viewBox: "0 0 26 8", class: "cost-swatch", "aria-hidden": "true" }, line)
}

const tickText = (x, y, text, anchor = "start") =>
  drawn("text", { class: "cost-tick", x, y, "text-anchor": anchor }, text)

/** Where months and credits lie, in pixels. */
function scales(width, lines, months) {
  const height = Math.round(Math.min(320, Math.max(210, width * 0.58)))
  const most = Math.max(...lines.map(({ spent }) => Math.max(...spent))) || 1
  const right = width - EDGE.right
  const bottom = height - EDGE.bottom
  const x = (month) => EDGE.left + ((right - EDGE.left) * month) / months
  const y = (credits) => bottom - ((bottom - EDGE.top) * credits) / most
  return { width, height, most, right, bottom, x, y }
}

/** Lines across, each with its credits: some of 1, 2, 5 or 10 times a power of ten. */
function creditTicks({ height, most, right, y }) {
  const rough = most / (height > 260 ? 4 : 3)
  const unit = 10 ** Math.floor(Math.log10(rough))
  const step = unit * ([1, 2, 5].find((times) => times * unit >= rough * 0.8) ?? 10)
  const parts = [tickText(2, 12, "credits")]
  for (let tick = 0; tick * step <= most * 1.001 && tick < 12; tick++) {
    const at = y(tick * step)
    parts.push(drawn("line", { class: "cost-grid", x1: EDGE.left, x2: right, y1: at, y2: at }))
    parts.push(tickText(EDGE.left - 6, at + 4, sayShort(tick * step), "end"))
  }
  return parts
}

function monthTicks({ width, right, bottom, x }, months) {
  const every = MONTHS_BETWEEN_TICKS.find((some) => months / some <= width / 85) ?? 24
  const parts = [tickText(right + 14, bottom + 17, "months")]
  for (let month = 0; month <= months; month += every) {
    parts.push(tickText(x(month), bottom + 17, String(month), "middle"))
  }
  return parts
}

/** The ways' lines. */
function spendingLines({ x, y }, lines) {
  return lines.map(({ way, spent }) => {
    const points = spent.map((credits, month) => `${x(month).toFixed(1)},${y(credits).toFixed(1)}`)
    return drawn("polyline", { class: `cost-line ${way}`, points: points.join(" ") })
  })
}

/** The ways' names at the ends of their lines, a line's height apart; one that had to move is tied to its line. */
function names({ right, bottom, y }, lines) {
  const labels = lines.map(({ way, spent }) => ({ way, end: y(spent.at(-1)) })).sort((one, two) => one.end - two.end)
  let above = 0
  for (const label of labels) {
    label.at = Math.max(label.end, above + LINE_HEIGHT)
    above = label.at
  }
  let below = bottom + LINE_HEIGHT
  for (const label of [...labels].reverse()) {
    label.at = Math.min(label.at, below - LINE_HEIGHT)
    below = label.at
  }
  return labels.flatMap(({ way, end, at }) => [
    drawn("line", { class: `cost-tie ${way}`, x1: right + 1, x2: right + 10, y1: end, y2: at }),
    drawn("text", { class: "cost-name", x: right + 13, y: at + 4 }, way),
  ])
}

/** The point where the first of the pair has become the cheaper one; nothing where it does not. */
function breakEvenMark({ x, y }, pair, c) {
  const month = pair ? breakEvenMonth(...pair, c) : Infinity
  if (month === 0 || month === Infinity) return []
  const [cx, cy] = [x(month), y(cumulative(pair[0], c)[month])]
  const isLate = month > c.months * 0.6
  const place = { x: cx + (isLate ? -8 : 4), y: cy - 10, "text-anchor": isLate ? "end" : "start" }
  return [
    drawn("circle", { class: "cost-mark", cx, cy, r: 5 }),
    drawn("text", { class: "cost-name cost-when", ...place }, `month ${month}`),
  ]
}

/**
 * Draws the chart anew.
 * @param {SVGElement} svg
 * @param {number} width  in pixels
 * @param {string[]} ways
 * @param {Object} c  the figures
 * @param {?[string, string]} pair  whose break-even is marked
 */
export function drawChart(svg, width, ways, c, pair) {
  const lines = ways.map((way) => ({ way, spent: cumulative(way, c) }))
  const scale = scales(width, lines, c.months)
  const ends = lines.map(({ way, spent }) => `${way} from ${say(spent[0])} to ${say(spent.at(-1))}`)
  const description = `Over ${say(c.months)} months: ${ends.join("; ")}. The table below has the figures.`
  svg.setAttribute("viewBox", `0 0 ${width} ${scale.height}`)
  svg.replaceChildren(
    drawn("title", { id: "cost-chart-title" }, "Credits spent by the end of each month"),
    drawn("desc", { id: "cost-chart-desc" }, description),
    ...creditTicks(scale),
    ...monthTicks(scale, c.months),
    ...spendingLines(scale, lines),
    ...names(scale, lines),
    ...breakEvenMark(scale, pair, c),
  )
}
