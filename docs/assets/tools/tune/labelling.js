// The thirty messages, each to be given a team.

import { element } from "../shared.js"

export class Labelling {
  /** @param {function((number|null)[]): void} onChange */
  constructor({ learn, labels }, onChange) {
    this.labels = learn.map(() => null)
    this.onChange = onChange
    this.selects = learn.map((_, at) => {
      const options = labels.map((name, label) => element("option", { value: String(label) }, name))
      const change = () => this.choose(at)
      return element(
        "select",
        { id: `tune-label-${at}`, onchange: change },
        element("option", { value: "" }, "–"),
        ...options,
      )
    })
    this.count = element("p", { class: "tool-hint", role: "status" })
    const rows = learn.map(([text], at) =>
      element("li", {}, element("label", { for: `tune-label-${at}` }, text), this.selects[at]),
    )
    this.node = element(
      "details",
      {},
      element("summary", {}, "Label the thirty messages yourself"),
      element(
        "p",
        { class: "tool-hint" },
        "Which team should each go to? Some are enough. The address keeps your labels.",
      ),
      this.count,
      element("ol", { class: "tune-messages" }, ...rows),
    )
  }

  /** Fills in labels; null for none. */
  fill(labels) {
    this.labels = labels ?? this.labels.map(() => null)
    for (const [at, select] of this.selects.entries()) select.value = this.labels[at] ?? ""
    if (labels) this.node.open = true
    this.tell()
  }

  choose(at) {
    const { value } = this.selects[at]
    this.labels[at] = value === "" ? null : Number(value)
    this.tell()
    this.onChange(this.labels)
  }

  tell() {
    const done = this.labels.filter((label) => label !== null).length
    this.count.textContent = `${done} of ${this.labels.length} labelled.`
  }
}
