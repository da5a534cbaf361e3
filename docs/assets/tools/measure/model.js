// The embedding model in the tab: fetched when the reader agrees, then texts to vectors, batch by batch, with a way to stop.

import { button, element, Told, unbroken } from "../shared.js"

const BATCH = 8 // texts between two signs of life
const LONGEST_SILENCE = 120_000 // milliseconds that a batch may take
const LONGEST_TEXT = 2000 // letters: the model reads 256 pieces of words
const WORKING = "Working out the result."
const CANCELLED = "Cancelled. What was fetched whole is kept."
const SILENT = "The model has not answered for two minutes, so it was stopped. Try again, or give less text."

const running = new Set() // the runs that the one model works for now

/** Rejects where a promise takes longer than a batch may. */
function inTime(promise) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Told(SILENT)), LONGEST_SILENCE)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

export class ModelRun {
  /**
   * @param {string} action  what the button says
   * @param {function(): string[]|Promise<string[]>} texts  what is to become vectors, when it is pressed
   * @param {function(Float32Array[]): Promise} onVectors  in the order of the texts
   * @param {function(): void} onStop  stops what is done with them
   * @param {number} moreBytes  what `texts` fetches beside the model
   */
  constructor(action, texts, onVectors, onStop = () => {}, moreBytes = 0) {
    this.onStop = onStop
    this.moreBytes = moreBytes
    this.action = action
    this.texts = texts
    this.onVectors = onVectors
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
  }

  async start() {
    this.button.disabled = true
    this.words.textContent = ""
    try {
      this.meaning ??= await unbroken(import("../embed/meaning_score.js"))
      const { ready, reason, bytes, kept } = await this.meaning.available()
      if (!ready) this.words.textContent = reason
      else if (!kept && !this.hasAgreed) this.askLeave(bytes)
      else await this.run()
    } catch (error) {
      console.warn(error) // what a developer wants to know
      this.words.textContent =
        error instanceof Told ? error.message : "The model does not run here. The rest of the page needs none."
    }
    this.rest()
  }

  askLeave(bytes) {
    const megabytes = Math.max(1, Math.round((bytes + this.moreBytes) / 1e6))
    this.hasAgreed = true // by pressing the button again
    this.words.textContent = `This needs the embedding model: ${megabytes} MB from this site, kept on your device. Your text stays here.`
    this.button.textContent = `Fetch ${megabytes} MB and go on`
  }

  /** Gets the vectors, unless the reader stops it: that ends it at once, whatever it was waiting for. */
  async run() {
    const stopped = new Promise((_, reject) => {
      this.abort = () => reject(new Told(CANCELLED))
    })
    running.add(this)
    try {
      await Promise.race([this.work(this.abort), stopped])
    } finally {
      running.delete(this)
    }
  }

  async work(abort) {
    const heed = () => {
      if (this.abort !== abort) throw new Told(CANCELLED)
    }
    this.cancel.hidden = false
    this.bar.hidden = false
    this.bar.removeAttribute("value")
    this.words.textContent = "Getting the model ready."
    await this.meaning.load(({ done, total }) => {
      this.bar.value = done / total
    })
    heed()
    const texts = (await this.texts()).map((text) => text.slice(0, LONGEST_TEXT))
    const vectors = []
    for (let at = 0; at < texts.length; at += BATCH) {
      heed()
      this.words.textContent = `Read ${at} of ${texts.length} texts.`
      this.bar.value = at / texts.length
      vectors.push(...(await inTime(this.meaning.vectorsOf(texts.slice(at, at + BATCH)))))
    }
    heed()
    this.words.textContent = WORKING
    await this.onVectors(vectors)
    if (this.words.textContent === WORKING) this.words.textContent = ""
  }

  stop() {
    this.abort?.()
    this.abort = null
    this.onStop()
    this.words.textContent = CANCELLED
    running.delete(this)
    if (!running.size) this.meaning?.unload(CANCELLED) // another part's work goes on
  }

  rest() {
    if (this.words.textContent === SILENT) this.meaning.unload(SILENT)
    if (!this.words.textContent.startsWith("This needs")) this.button.textContent = this.action
    this.cancel.hidden = true
    this.bar.hidden = true
    this.button.disabled = false
  }
}
