// A button that puts a model to work: it says what has to be fetched, fetches it when the reader agrees, shows how far it
// is, and can be stopped at any time.

import { button, element, UserError, unbroken } from "../shared.js"
import { onModelRemoved } from "./models.js"

const LONGEST_SILENCE = 120_000 // milliseconds that a step may take
const CANCELLED = "Cancelled. What was fetched whole is kept."
const SILENT = "The model has not answered for two minutes, so it was stopped. Try again, or give less text."

const running = new Set() // the runs that a model works for now

/** Rejects where a promise takes longer than a step may. */
export function inTime(promise) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new UserError(SILENT)), LONGEST_SILENCE)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

export class AgreedRun {
  /**
   * @param {string} action  what the button says
   * @param {{store: string, open: function(): Promise<Object>}} model  as models.js has it
   * @param {function(number, boolean): string} sayNeeds  what is said before anything is fetched, given the megabytes and
   *   whether the model itself is on the device
   * @param {string} failed  what is said where the model fails in a way that nobody foresaw
   */
  constructor(action, model, sayNeeds, failed) {
    Object.assign(this, { action, about: model, sayNeeds, failed })
    this.button = button(action, () => this.start(), { class: "tool-button is-main" })
    this.cancel = button("Cancel", () => this.stop(), { hidden: true })
    this.bar = element("progress", {
      max: "1",
      hidden: true,
      class: "tool-progress",
      "aria-label": "The model at work",
    })
    this.words = element("p", { class: "tool-hint", role: "status" })
    this.node = element(
      "div",
      { class: "screen-only" },
      element("div", { class: "tool-row is-controls" }, this.button, this.cancel),
      this.bar,
      this.words,
    )
    const forget = () => {
      this.hasAgreed = false
    }
    onModelRemoved(model.store, forget, { place: this.node })
  }

  async start() {
    this.button.disabled = true
    this.words.textContent = ""
    let isAsking = false
    try {
      this.model ??= await unbroken(this.about.open())
      const { ready, reason, bytes, kept } = await this.model.available()
      const toFetch = (kept ? 0 : bytes) + (await this.moreBytes())
      isAsking = ready && toFetch > 0 && !this.hasAgreed
      if (!ready) this.words.textContent = reason
      else if (isAsking) this.askLeave(toFetch, kept)
      else await this.run()
    } catch (error) {
      console.warn(error) // what a developer wants to know
      this.words.textContent = error instanceof UserError ? error.message : this.failed
      if (!(error instanceof UserError)) this.unload() // it may be broken: the next try starts it anew
    }
    this.rest(isAsking)
  }

  /** How many bytes have to be fetched beside the model. */
  async moreBytes() {
    return 0
  }

  askLeave(bytes, isKept) {
    const megabytes = Math.max(1, Math.round(bytes / 1e6))
    this.hasAgreed = true // by pressing the button again
    this.words.textContent = this.sayNeeds(megabytes, isKept)
    this.button.textContent = `Fetch ${megabytes} MB and go on`
  }

  /** Does the work, unless the reader stops it: that ends it at once, whatever it was waiting for. */
  async run() {
    const stopped = new Promise((_, reject) => {
      this.abort = (words) => reject(new UserError(words))
    })
    const { abort } = this
    const heed = () => {
      if (this.abort !== abort) throw new UserError(CANCELLED)
    }
    running.add(this)
    try {
      await Promise.race([this.load().then(() => this.work(heed)), stopped])
    } finally {
      running.delete(this)
    }
  }

  async load() {
    this.cancel.hidden = false
    this.bar.hidden = false
    this.bar.removeAttribute("value")
    this.words.textContent = "Getting the model ready."
    await this.model.load(({ done, total }) => {
      this.bar.value = done / total
    })
  }

  /**
   * What the model is wanted for, once it is loaded: each tool has its own.
   * @param {function(): void} heed  throws once the reader has stopped it
   */
  async work(heed) {
    heed()
  }

  /** Ends the work at once, and says why. */
  end(words) {
    this.abort?.(words)
    this.abort = null
    this.words.textContent = words
    running.delete(this)
  }

  stop() {
    this.end(CANCELLED)
    this.unload(CANCELLED)
  }

  /** Stops the model, unless another part's work goes on with it. */
  unload(words) {
    const isBusy = [...running].some((other) => other.about === this.about)
    if (!isBusy) this.model?.unload(words)
  }

  rest(isAsking) {
    if (this.words.textContent === SILENT) this.model.unload(SILENT)
    if (!isAsking) this.button.textContent = this.action
    this.cancel.hidden = true
    this.bar.hidden = true
    this.button.disabled = false
  }
}
