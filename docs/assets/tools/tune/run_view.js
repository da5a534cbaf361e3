// A training that can be watched: its chart, what it came to, and the steps taken between two frames of the screen.

import { drawn, element, nextFrame } from "../shared.js"
import { drawRun, swatch } from "./chart.js"

const WATCHED = 700 // milliseconds that a training takes at least, where motion is welcome
const BUSY = 12 // milliseconds of work between two frames

export class RunView {
  /** @param {string} title  of the chart  @param {?string} level  what the dashed line is */
  constructor(title, level = null) {
    this.title = title
    this.turn = 0
    this.svg = drawn("svg", { class: "tune-chart", role: "img" })
    this.words = element("p", { class: "tune-result", role: "status", "aria-live": "polite" })
    const legend = element(
      "p",
      { class: "tool-hint tune-legend" },
      element("span", {}, swatch("tune-line is-held-out"), " held out"),
      element("span", {}, swatch("tune-line is-trained"), " trained on"),
      level && element("span", {}, swatch("tune-level"), ` ${level}`),
    )
    this.node = element("div", { class: "tune-run" }, this.svg, legend, this.words)
    new ResizeObserver(() => this.draw()).observe(this.node)
  }

  /** Shows a run: shares up to where it is, and what it came to in words ("" while it is going on). */
  show(run, words) {
    this.run = run
    this.draw()
    this.words.textContent = words
  }

  draw() {
    if (!this.run) return
    const { trained, heldOut } = this.run
    const percent = (share) => `${Math.round(100 * share)}%`
    const from = `held out from ${percent(heldOut[0])} to ${percent(heldOut.at(-1))}`
    const description = `Step 0 to ${heldOut.length - 1}: ${from}, trained on from ${percent(trained[0])} to ${percent(trained.at(-1))}.`
    drawRun(this.svg, Math.max(280, this.node.clientWidth), { ...this.run, title: this.title, description })
    this.svg.setAttribute("aria-label", `${this.title}. ${description}`)
  }

  /**
   * Goes through a training and shows each step as it comes.
   * @param {Iterator} training  what yields once before the first step and after each
   * @param {function(any): [number, number]} measure  the shares of hits now, trained on and held out
   * @returns {Promise<?Object>}  the run; null where another was begun meanwhile
   */
  async watch(training, measure, { steps, level }) {
    this.turn += 1
    const turn = this.turn
    const run = { steps, level, trained: [], heldOut: [] }
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches
    const begun = performance.now()
    let since = begun
    for (const weights of training) {
      const [trained, heldOut] = measure(weights)
      run.trained.push(trained)
      run.heldOut.push(heldOut)
      const due = isStill ? 0 : begun + (WATCHED * run.trained.length) / (steps + 1)
      if (performance.now() - since < BUSY && performance.now() >= due) continue
      do await nextFrame()
      while (performance.now() < due && turn === this.turn)
      if (turn !== this.turn || !this.node.isConnected) return null
      this.show(run, "")
      since = performance.now()
    }
    return run
  }
}
