// A chart of two shares by training step: what was trained on, and what was held out.

import { drawn } from "../shared.js"

const EDGE = { left: 44, right: 12, top: 14, bottom: 36 } // pixels around the lines
const HEIGHT = 260
const TICKS = [0, 0.25, 0.5, 0.75, 1]

const text = (x, y, words, anchor = "start") =>
  drawn("text", { class: "tune-tick", x, y, "text-anchor": anchor }, words)

/** The points of a line: shares from step 0 on. */
const pointsOf = (shares, { x, y }) =>
  shares.map((share, step) => `${x(step).toFixed(1)},${y(share).toFixed(1)}`).join(" ")

function frame({ x, y, right, bottom }, steps) {
  const parts = TICKS.flatMap((tick) => [
    drawn("line", { class: "tune-grid", x1: EDGE.left, x2: right, y1: y(tick), y2: y(tick) }),
    text(EDGE.left - 6, y(tick) + 4, `${100 * tick}%`, "end"),
  ])
  for (const step of [0, steps / 2, steps]) {
    const anchor = step === steps ? "end" : step ? "middle" : "start"
    parts.push(text(x(step), bottom + 20, step ? String(step) : "step 0", anchor))
  }
  return parts
}

/**
 * Draws the chart anew.
 * @param {SVGElement} svg
 * @param {number} width  in pixels
 * @param {{steps: number, trained: number[], heldOut: number[], level?: number, title: string, description: string}} run
 * shares from step 0 to where the training is; `level` is drawn across
 */
export function drawRun(svg, width, run) {
  const right = width - EDGE.right
  const bottom = HEIGHT - EDGE.bottom
  const scale = {
    right,
    bottom,
    x: (step) => EDGE.left + ((right - EDGE.left) * step) / run.steps,
    y: (share) => bottom - (bottom - EDGE.top) * share,
  }
  const level = run.level === undefined ? [] : [scale.y(run.level)]
  svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`)
  svg.replaceChildren(
    drawn("title", {}, run.title),
    drawn("desc", {}, run.description),
    ...frame(scale, run.steps),
    ...level.map((y) => drawn("line", { class: "tune-level", x1: EDGE.left, x2: right, y1: y, y2: y })),
    drawn("polyline", { class: "tune-line is-trained", points: pointsOf(run.trained, scale) }),
    drawn("polyline", { class: "tune-line is-held-out", points: pointsOf(run.heldOut, scale) }),
  )
}

/** A short piece of a kind of line, to stand beside its name. */
export function swatch(kind) {
  const line = drawn("line", { class: kind, x1: 0, x2: 26, y1: 4, y2: 4 })
  return drawn("svg", { viewBox: "0 0 26 8", class: "tune-swatch", "aria-hidden": "true" }, line)
}
