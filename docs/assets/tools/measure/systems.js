// Two or more systems on the same items: files of predictions in, the paired comparison and the verdict out.

import { button, element } from "../shared.js"
import { Files } from "./files.js"
import { aligned, named, systemsOf } from "./predictions.js"
import { reportButtons, verdictData } from "./report.js"
import { verdictView } from "./result_view.js"
import { judge } from "./verdict.js"

const HINT =
  "One file a system: JSON lines or CSV with “item” and “right” (yes or no). Or one table with a column for each system. " +
  "Or the predictions.jsonl that rung writes. They are read in this tab and sent nowhere."
const ORDER = "From the simplest or cheapest to the most expensive: the verdict is the lowest that is enough."

export class SystemsPart {
  /** @param {{items: string[], systems: {name: string, hits: number[]}[], about: string}} sample */
  constructor(sample, margin) {
    this.sample = sample
    this.margin = margin
    this.files = new Files(
      {
        id: "measure-systems",
        label: "Your files of predictions",
        hint: HINT,
        accept: ".jsonl,.json,.ndjson,.csv,.tsv,.txt",
        pasted: "the pasted predictions",
      },
      (files) => this.add(files),
    )
    this.source = element("p", { class: "tool-hint", role: "status" })
    this.shown = element("div", { tabindex: "-1" })
    this.node = this.whole()
    this.takeSample(2)
  }

  whole() {
    const samples = [
      button("Sample: two systems", () => this.takeSample(2)),
      button("Sample: three systems", () => this.takeSample(3)),
      button("Clear", () => this.clear()),
    ]
    return element(
      "section",
      { class: "tool-card", id: "measure-part-systems", "aria-labelledby": "measure-systems-heading" },
      element("h2", { id: "measure-systems-heading" }, "Two or more systems"),
      this.files.node,
      element("div", { class: "tool-row is-controls" }, ...samples),
      this.source,
      this.shown,
      reportButtons("comparison", () => this.report()),
    )
  }

  setMargin(margin) {
    this.margin = margin
    this.render()
  }

  takeSample(count) {
    const { items, systems, about } = this.sample
    this.isSample = true
    this.about = about
    this.systems = systems.slice(0, count).map(({ name, hits }) => {
      return { name, right: new Map(items.map((item, at) => [item, Boolean(hits[at])])) }
    })
    this.render()
  }

  /** Adds the systems of some files to those of the reader; the sample goes. */
  add(files) {
    const fresh = files.flatMap(({ name, text }) => systemsOf(text, name))
    const systems = named(this.isSample ? fresh : [...this.systems, ...fresh])
    aligned(systems) // says what is wrong before anything changes
    this.isSample = false
    this.about = "Your predictions."
    this.systems = systems
    this.render()
  }

  clear() {
    this.isSample = false
    this.about = "Nothing is loaded. Give a file of predictions, or take a sample."
    this.systems = []
    this.files.message.textContent = ""
    this.render()
  }

  move(at, focus) {
    const [one] = this.systems.splice(at, 1)
    this.systems.splice(at - 1, 0, one)
    this.render()
    this.shown.querySelectorAll(".measure-systems li")[focus]?.querySelector("button:not(:disabled)")?.focus()
  }

  remove(at) {
    this.systems.splice(at, 1)
    this.render()
    this.shown.focus()
  }

  controls(at) {
    const { name } = this.systems[at]
    return element(
      "div",
      { class: "tool-row is-controls" },
      button("Move up", () => this.move(at, at - 1), { disabled: at === 0, "aria-label": `Move up: ${name}` }),
      button("Remove", () => this.remove(at), { "aria-label": `Remove: ${name}` }),
    )
  }

  render() {
    this.source.textContent = this.isSample ? `Recorded sample. ${this.about}` : this.about
    if (!this.systems.length) {
      this.shown.replaceChildren()
      return
    }
    this.data = aligned(this.systems)
    this.verdict = judge(this.data.systems, this.margin)
    const view = verdictView(this.verdict, this.data, (at) => this.controls(at))
    this.shown.replaceChildren(view, element("p", { class: "tool-hint" }, ORDER))
  }

  report() {
    const verdict = this.systems.length ? verdictData(this.verdict) : {}
    return { title: "Systems compared", about: this.about, shown: this.shown, data: verdict }
  }
}
