// The clock of the mock interview on the page.

import { element } from "../shared.js"
import { Countdown, clock, WHOLE } from "./countdown.js"

const TICK = 250 // milliseconds

export class Timer {
  /** @param {function(string): void} say  says something aloud, politely */
  constructor(say) {
    this.say = say
    this.countdown = new Countdown()
    this.face = element("span", { class: "practice-clock", role: "timer", "aria-label": "Time left" })
    this.fill = element("span")
    const bar = element("span", { class: "practice-bar", "aria-hidden": "true" }, this.fill)
    const button = { type: "button", class: "tool-button" }
    const startOrPause = () => (this.countdown.isRunning ? this.pause() : this.start())
    this.button = element("button", { ...button, onclick: startOrPause })
    this.again = element("button", { ...button, onclick: () => this.startOver() }, "Back to 2:00")
    const group = { class: "practice-timer", role: "group", "aria-label": "Clock" }
    this.node = element("div", group, this.face, bar, this.button, this.again)
    this.reset()
  }

  show() {
    const { countdown } = this
    this.face.textContent = countdown.face
    this.fill.style.width = `${(100 * Math.max(0, countdown.left)) / WHOLE}%`
    const whileStill = countdown.isFresh ? "Start the clock" : "Go on"
    this.button.textContent = countdown.isRunning ? "Pause" : whileStill
    this.again.hidden = countdown.isFresh && !countdown.isRunning
  }

  tick() {
    if (!this.face.isConnected) return clearInterval(this.ticking)
    const words = this.countdown.announcement()
    if (words) this.say(words)
    this.show()
  }

  start() {
    if (this.countdown.isFresh) this.say("The clock runs: two minutes.")
    this.countdown.start()
    this.ticking = setInterval(() => this.tick(), TICK)
    this.show()
  }

  /** Stands still, and says so. */
  pause() {
    this.stop()
    this.say(`Paused with ${clock(this.countdown.secondsLeft)} left.`)
  }

  /** Stands still. */
  stop() {
    if (!this.countdown.isRunning) return
    this.countdown.pause()
    clearInterval(this.ticking)
    this.show()
  }

  reset() {
    clearInterval(this.ticking)
    this.countdown.reset()
    this.show()
  }

  startOver() {
    this.reset()
    this.say("The clock is back at two minutes.")
    this.button.focus()
  }
}
