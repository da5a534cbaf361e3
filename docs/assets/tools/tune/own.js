// The reader's own messages: pasted, turned into vectors by the model in the tab, which is fetched when asked for.

import { button, element } from "../shared.js"
import { readLines } from "./words.js"

const HINT =
  "A line each: the label, a colon, the message. At least three of each label; every third is held out. " +
  "Nothing leaves this device."
const SAMPLE = "refund: I sent it back on Monday and have no money yet.\nfault: The display stays dark."

export class OwnMessages {
  /** @param {function(Object, Float32Array[]): Promise} onVectors  what readLines read, and the vectors: learn, then test */
  constructor(onVectors) {
    this.onVectors = onVectors
    this.hasAgreed = false
    this.box = element("textarea", {
      id: "tune-own",
      rows: "6",
      placeholder: SAMPLE,
      "aria-describedby": "tune-own-hint",
    })
    this.button = button("Train on these", () => this.train())
    this.cancel = button("Cancel", () => this.stop(), { hidden: true })
    this.bar = element("progress", {
      max: "1",
      value: "0",
      hidden: true,
      class: "tool-progress",
      "aria-label": "Fetching the model",
    })
    this.words = element("p", { role: "status", "aria-live": "polite" })
    this.node = element(
      "details",
      {},
      element("summary", {}, "Train on messages of your own"),
      element("label", { for: "tune-own" }, "Your labelled messages"),
      element("p", { class: "tool-hint", id: "tune-own-hint" }, HINT),
      this.box,
      element("div", { class: "tool-row is-controls" }, this.button, this.cancel),
      this.bar,
      this.words,
    )
  }

  async train() {
    const read = readLines(this.box.value)
    this.words.textContent = read.problem
    if (read.problem) return
    this.button.disabled = true
    try {
      this.meaning = await import("../embed/meaning_score.js")
      const { ready, reason, bytes, kept } = await this.meaning.available()
      if (!ready) this.words.textContent = reason
      else if (!kept && !this.hasAgreed) this.askLeave(bytes)
      else await this.embed(read)
    } catch (error) {
      console.warn(error) // what a developer wants to know
      const isForReaders = error.name === "Error" && error.message.endsWith(".")
      this.words.textContent = isForReaders ? error.message : "The model does not run here. Our messages need none."
    }
    this.rest()
  }

  askLeave(bytes) {
    const megabytes = Math.max(1, Math.round(bytes / 1e6))
    this.hasAgreed = true // by pressing the button again
    this.words.textContent = `Your messages need the embedding model: ${megabytes} MB from this site, kept on your device.`
    this.button.textContent = `Fetch ${megabytes} MB and train`
  }

  async embed(read) {
    this.cancel.hidden = false
    this.bar.hidden = false
    this.bar.removeAttribute("value")
    this.words.textContent = "Getting the model ready."
    await this.meaning.load(({ done, total }) => {
      this.bar.value = done / total
    })
    this.words.textContent = "Turning the messages into vectors."
    const vectors = await this.meaning.vectorsOf([...read.learn, ...read.test].map(([text]) => text))
    this.words.textContent = ""
    await this.onVectors(read, vectors)
    this.button.textContent = "Train on these"
  }

  stop() {
    this.meaning.unload("Cancelled. What was fetched whole is kept.")
  }

  rest() {
    this.cancel.hidden = true
    this.bar.hidden = true
    this.button.disabled = false
  }
}
