// Labelled messages: always the commonest label against a linear head on sentence vectors, on messages neither has seen.
// The sample's vectors are those of the page on training, tune/messages.bin.

import { element } from "../shared.js"
import { fetchVectors } from "../tune/files.js"
import { Files, fetched } from "./files.js"
import { ModelRun } from "./model.js"
import { reportButtons, verdictData } from "./report.js"
import { verdictView } from "./result_view.js"
import { table } from "./table_view.js"
import { judge } from "./verdict.js"

const HINT =
  "CSV or JSON lines with “text” and “label”; where wanted “id” and “split” (train or test). Without “split”, 60% are held " +
  "out by a hash of their text. They are read in this tab and sent nowhere."
const SAMPLE =
  "30 messages to a fictional company to learn from, 140 held out, four teams. Recorded with scikit-learn in Python."
const COMMONEST = "always the commonest label"
const HEAD = "a linear head on sentence vectors"
const LABELS_SHOWN = 30

export class LabelsPart {
  /** @param {{labels: string[], learn: number[], truth: number[], head: number[]}} sample */
  constructor(sample, margin) {
    this.sample = sample
    this.margin = margin
    this.turn = 0
    this.files = new Files(
      {
        id: "measure-labels",
        label: "Your labelled messages",
        hint: HINT,
        accept: ".csv,.jsonl,.json,.tsv,.txt",
        pasted: "the pasted messages",
      },
      (files) => this.take(files[0]),
    )
    this.model = new ModelRun(
      "Measure the head",
      () => this.texts(),
      (vectors) => this.learnFrom(vectors),
      () => this.stop(),
    )
    this.again = element("button", { type: "button", class: "tool-button", onclick: () => this.runSample() })
    this.again.textContent = "Run the sample in this tab (0.3 MB)"
    const back = element(
      "button",
      { type: "button", class: "tool-button", onclick: () => this.takeSample() },
      "Back to the sample",
    )
    this.source = element("p", { class: "tool-hint", role: "status" })
    this.notes = element("ul", { class: "tool-hint" })
    this.shown = element("div", {})
    const report = reportButtons("labels", () => this.report(), ["html", "json", "jsonl"])
    this.node = element(
      "section",
      { class: "tool-card", id: "measure-part-labels", "aria-labelledby": "measure-labels-heading" },
      element("h2", { id: "measure-labels-heading" }, "Labelled messages"),
      this.files.node,
      element("div", { class: "tool-row is-controls" }, this.again, back),
      this.source,
      this.notes,
      this.model.node,
      this.shown,
      report,
    )
    this.takeSample()
  }

  setMargin(margin) {
    this.margin = margin
    this.render()
  }

  takeSample() {
    const { labels, learn, truth, head } = this.sample
    const held = truth.map((label, at) => ({ item: `message ${at + 1}`, name: labels[label], label }))
    const known = labels.map((_, label) => learn.filter((one) => one === label).length)
    const [commonest] = labels.map((_, label) => label).sort((one, other) => known[other] - known[one])
    this.turn += 1
    this.isSample = true
    this.about = `Recorded sample. ${SAMPLE}`
    this.data = { labels, learn: learn.map((label) => ({ label })), test: held, notes: [], commonest }
    this.head = head
    this.render()
  }

  async take({ name, text }) {
    const { messagesOf } = await fetched(import("./messages.js"))
    const data = messagesOf(text, name)
    this.turn += 1
    this.isSample = false
    this.about = `Your messages: ${data.learn.length} to learn from, ${data.test.length} held out, ${data.labels.length} labels.`
    this.data = { ...data, commonest: 0 }
    this.head = null
    this.render()
  }

  stop() {
    this.turn += 1
  }

  texts() {
    this.asked = this.data
    return [...this.data.learn, ...this.data.test].map(({ text }) => text)
  }

  async runSample() {
    this.again.disabled = true
    this.files.message.textContent = ""
    try {
      this.takeSample()
      this.asked = this.data
      await this.learnFrom(await fetchVectors("messages.bin"))
      if (this.asked === this.data) this.about = `Trained in this tab. ${SAMPLE.replace(/ Recorded.*/, "")}`
      this.render()
    } catch (error) {
      console.warn(error) // what a developer wants to know
      this.files.message.textContent =
        "The vectors could not be fetched. Shown is the recorded run. Try again when you are online."
    }
    this.again.disabled = false
  }

  async learnFrom(vectors) {
    if (this.asked !== this.data) return // other messages came meanwhile
    this.turn += 1
    const { turn, data } = this
    const count = data.learn.length
    const numbers = data.learn.map(({ label }) => label)
    const isOver = () => turn !== this.turn || !this.node.isConnected
    const { trained } = await fetched(import("./trained.js"))
    const said = await trained(vectors.slice(0, count), vectors.slice(count), numbers, data.labels.length, isOver)
    if (!said) return
    this.head = said
    this.render()
  }

  /** Both systems, or the commonest label alone while the head has not been measured. */
  systems() {
    const { test, commonest } = this.data
    const said = [[COMMONEST, test.map(() => commonest)], ...(this.head ? [[HEAD, this.head]] : [])]
    return said.map(([name, labels]) => ({ name, labels, hits: test.map(({ label }, at) => label === labels[at]) }))
  }

  perLabel() {
    const { labels, test } = this.data
    const rows = labels.slice(0, LABELS_SHOWN).map((name, label) => {
      const places = test.flatMap((one, at) => (one.label === label ? [at] : []))
      return [name, String(places.length), String(places.filter((at) => this.head[at] === label).length)]
    })
    return table("The head, label by label", ["Label", "Held out", "Correct"], rows)
  }

  render() {
    this.source.textContent = this.about
    this.notes.replaceChildren(...this.data.notes.map((note) => element("li", {}, note)))
    this.notes.hidden = !this.data.notes.length
    this.model.node.hidden = this.isSample
    this.every = this.systems()
    const items = this.data.test.map(({ item }) => item)
    this.verdict = judge(this.every, this.margin)
    this.shown.replaceChildren(
      verdictView(this.verdict, { items, systems: this.every }),
      ...(this.head ? [this.perLabel()] : []),
    )
  }

  report() {
    const { labels, test } = this.data
    const lines = this.every.flatMap(({ name, labels: said, hits }) => {
      return test.map(({ item, name: wanted }, at) => ({
        item,
        arm: name,
        answer: labels[said[at]],
        wanted,
        right: hits[at],
      }))
    })
    return {
      title: "Labelled messages measured",
      about: this.about,
      shown: this.shown,
      data: verdictData(this.verdict),
      lines,
    }
  }
}
