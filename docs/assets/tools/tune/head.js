// The win: a linear head on sentence vectors, trained on our labels, on the reader's, or on the reader's own messages.

import { button, element, readAddress, writeAddress } from "../shared.js"
import { fetchVectors } from "./files.js"
import { Labelling } from "./labelling.js"
import { RunView } from "./run_view.js"
import { headHits, trainHead } from "./training.js"
import { rate, readLabels, writeLabels } from "./words.js"

const FAILED =
  "The vectors could not be fetched. What the chart shows is the recorded run. Try again when you are online."
const NO_FORM = "What trains on your messages could not be fetched. Load the page again when you are online."
const TOO_FEW = "Label messages of at least two teams first."

export class HeadPart {
  constructor(data, recorded, prompt) {
    this.data = data.messages
    this.settings = recorded
    this.prompt = prompt
    this.view = new RunView("Right team, by training step", `best prompt: ${rate(prompt.hits, prompt.items)}`)
    this.labelling = new Labelling(this.data, (labels) => this.labelled(labels))
    this.own = element(
      "details",
      { ontoggle: () => this.openOwn() },
      element("summary", {}, "Train on messages of your own"),
    )
    this.note = element("p", { class: "tool-message is-error", role: "status" })
    this.ours = button("Train on our labels (0.3 MB)", () => this.train(null), { class: "tool-button is-main" })
    this.mine = button("Train on my labels", () => this.train(this.labelling.labels))
    this.node = element(
      "section",
      { class: "tool-card", "aria-labelledby": "tune-head" },
      element("h2", { id: "tune-head" }, "A head on thirty messages"),
      this.view.node,
      element("div", { class: "tool-row is-controls" }, this.ours, this.mine),
      this.note,
      this.labelling.node,
      this.own,
    )
    this.followAddress()
  }

  followAddress() {
    const { learn, labels } = this.data
    const given = readLabels(readAddress().get("labels"), learn.length, labels.length)
    this.labelling.fill(given)
    this.showRecorded()
  }

  labelled(labels) {
    const written = writeLabels(labels)
    writeAddress(written ? { labels: written } : {})
  }

  showRecorded() {
    const { steps, trained, heldOut } = this.settings
    const { learn, test } = this.data
    const run = {
      trained: trained.map((hits) => hits / learn.length),
      heldOut: heldOut.map((hits) => hits / test.length),
    }
    this.view.show({ steps, level: this.level(), ...run }, this.words("Recorded.", heldOut.at(-1), learn.length))
  }

  level() {
    return this.prompt.hits / this.prompt.items
  }

  words(how, hits, labels) {
    return (
      `${how} ${labels} labels, held-out messages sent to the right team: ${rate(hits, this.data.test.length)}. ` +
      `Best prompt of the 135M model: ${rate(this.prompt.hits, this.prompt.items)}.`
    )
  }

  /** Trains on labels of the thirty messages; null for ours. */
  async train(labels) {
    const { learn, test, labels: names } = this.data
    const wanted = labels ?? learn.map(([, label]) => label)
    const places = wanted.flatMap((label, at) => (label === null ? [] : [at]))
    this.note.textContent = new Set(places.map((at) => wanted[at])).size < 2 ? TOO_FEW : ""
    if (this.note.textContent) return
    try {
      const vectors = await fetchVectors("messages.bin")
      const known = places.map((at) => [vectors[at], wanted[at]])
      const unseen = test.map((label, at) => [vectors[learn.length + at], label])
      const hits = await this.run(known, unseen, names.length, this.level())
      if (hits) this.view.show(hits.run, this.words("Trained in this tab.", hits.heldOut, known.length))
    } catch (error) {
      console.warn(error) // what a developer wants to know
      this.note.textContent = FAILED
    }
  }

  /** Trains on pairs of vector and label and watches; what it came to, or null where another training began. */
  async run(known, unseen, classes, level) {
    const [vectors, labels] = [known.map(([vector]) => vector), known.map(([, label]) => label)]
    const [others, truth] = [unseen.map(([vector]) => vector), unseen.map(([, label]) => label)]
    const { steps, learningRate } = this.settings
    let heldOut = 0
    const measure = (weights) => {
      heldOut = headHits(others, truth, weights)
      return [headHits(vectors, labels, weights) / labels.length, heldOut / truth.length]
    }
    const training = trainHead(vectors, labels, classes, steps, learningRate)
    const run = await this.view.watch(training, measure, { steps, level })
    return run && { run, heldOut }
  }

  async openOwn() {
    try {
      const { ownMessages } = await import("./own_messages.js")
      if (this.own.children.length < 2) this.own.append(...ownMessages((read, vectors) => this.runOwn(read, vectors)))
    } catch (error) {
      console.warn(error) // what a developer wants to know
      this.note.textContent = NO_FORM
    }
  }

  async runOwn({ labels, learn, test }, vectors) {
    const pairs = [...learn, ...test].map(([, label], at) => [Float64Array.from(vectors[at]), label])
    const hits = await this.run(pairs.slice(0, learn.length), pairs.slice(learn.length), labels.length, undefined)
    if (!hits) return
    const words = `Your messages: trained on ${learn.length}, held out ${rate(hits.heldOut, test.length)} right.`
    this.view.show(hits.run, words)
  }
}
