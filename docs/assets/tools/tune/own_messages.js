// The reader's own messages: pasted, turned into vectors by the model in the tab, then trained on. Fetched when opened.

import { ModelRun } from "../measure/model.js"
import { element } from "../shared.js"
import { readLines } from "./words.js"

const HINT =
  "A line each: the label, a colon, the message. At least three of each label; every third is held out. " +
  "Nothing leaves this device."
const SAMPLE = "refund: I sent it back on Monday and have no money yet.\nfault: The display stays dark."

/** A run of the model on pasted lines, which says what is wrong with them before anything is fetched. */
class LinesRun extends ModelRun {
  /** @param {function(Object, Float32Array[]): Promise} onVectors  what readLines read, and the vectors: learn, then test */
  constructor(box, onVectors) {
    super(
      "Train on these",
      () => [...this.read.learn, ...this.read.test].map(([text]) => text),
      (vectors) => onVectors(this.read, vectors),
    )
    this.box = box
  }

  async start() {
    this.read = readLines(this.box.value)
    this.words.textContent = this.read.problem
    if (!this.read.problem) await super.start()
  }
}

/** The parts of the form; `onVectors` as above. */
export function ownMessages(onVectors) {
  const box = element("textarea", {
    id: "tune-own",
    rows: "6",
    placeholder: SAMPLE,
    "aria-describedby": "tune-own-hint",
  })
  return [
    element("label", { for: "tune-own" }, "Your labelled messages"),
    element("p", { class: "tool-hint", id: "tune-own-hint" }, HINT),
    box,
    new LinesRun(box, onVectors).node,
  ]
}
