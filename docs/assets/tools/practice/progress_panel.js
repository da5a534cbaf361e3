// The reader's progress: what lies in which box, what was left out last time, and taking it along or erasing it.

import { button, count, download, element } from "../shared.js"
import { leftOut, WAITS } from "./boxes.js"
import { imported } from "./words.js"

const LARGEST_FILE = 1_000_000 // bytes
const WAITS_IN_WORDS = ["10 minutes", "1 day", "2 days", "4 days", "8 days"]
const MOST_SHOWN = 8
const IS_KEPT = "Kept in this browser on this device, and sent nowhere."
const IS_NOT_KEPT =
  "This browser keeps nothing for this page, so progress lasts until you leave. Export it if you want it back."

export class ProgressPanel {
  /**
   * @param {Object[]} prompts  all of them, the drill too
   * @param {Progress} progress
   * @param {{onOpen: function(Object): void, onChange: function(): void, onErase: function(): void}} reader  what happens
   * when the reader opens a prompt, imports progress, or erases it
   */
  constructor(prompts, progress, { onOpen, onChange, onErase }) {
    Object.assign(this, { prompts, progress, onOpen, onChange, onErase })
    this.boxes = element("dl", { class: "practice-boxes" })
    this.weakTitle = element("p", {}, "Left out last time:")
    this.weak = element("ul", { class: "practice-weak" })
    this.keeping = element("p", { class: "tool-hint" })
    this.said = element("p", { class: "tool-hint", role: "status", "aria-live": "polite" })
    const summary = element("summary", {}, "Your progress")
    const parts = [this.boxes, this.weakTitle, this.weak, this.makeControls(), this.said, this.keeping]
    this.node = element("details", { "data-part": "kept" }, summary, ...parts)
  }

  makeControls() {
    this.file = element("input", {
      type: "file",
      accept: ".json,application/json",
      class: "visually-hidden",
      tabindex: "-1",
      "aria-label": "File to import",
      onchange: () => this.import(),
    })
    this.erase = button("Erase", () => this.askBeforeErasing(true))
    this.keepIt = button("Keep it", () => this.askBeforeErasing(false))
    const reallyErase = button("Erase all of it", () => this.eraseAll(), { class: "tool-button is-main" })
    this.sure = element("span", { class: "tool-row is-controls", hidden: true }, reallyErase, this.keepIt)
    const save = () => download("practice-progress.json", this.progress.export(), "application/json")
    return element(
      "div",
      { class: "tool-row is-controls" },
      button("Export", save),
      button("Import", () => this.file.click()),
      this.erase,
      this.sure,
      this.file,
    )
  }

  /** Shows how it stands now. */
  show() {
    const kept = [...this.progress.points.values()]
    const rows = WAITS.map((_, index) => {
      const number = kept.filter(({ box }) => box === index + 1).length
      const cells = [`Box ${index + 1}`, count(number, "point"), WAITS_IN_WORDS[index]]
      return element("div", {}, ...cells.map((words, at) => element(at ? "dd" : "dt", {}, words)))
    })
    this.boxes.replaceChildren(...rows)
    this.showWeak()
    this.keeping.textContent = this.progress.isKept ? IS_KEPT : IS_NOT_KEPT
  }

  showWeak() {
    const weak = this.prompts.flatMap((prompt) => {
      return leftOut(prompt, this.progress.points).map((point) => ({ prompt, words: point.point }))
    })
    const lines = weak.slice(0, MOST_SHOWN).map(({ prompt, words }) => {
      return element(
        "li",
        {},
        button(words, () => this.onOpen(prompt), { class: "practice-link" }),
      )
    })
    const rest = weak.length - MOST_SHOWN
    if (rest > 0) lines.push(element("li", {}, `and ${rest} more`))
    this.weak.replaceChildren(...lines)
    this.weak.hidden = !weak.length
    this.weakTitle.hidden = !weak.length
  }

  async import() {
    const [chosen] = this.file.files
    if (!chosen) return
    const text = chosen.size <= LARGEST_FILE ? await chosen.text().catch(() => "") : ""
    this.file.value = ""
    const { points, broken } = this.progress.import(text)
    this.said.textContent = imported(points.size, broken)
    if (points.size) this.onChange()
  }

  askBeforeErasing(ask) {
    this.sure.hidden = !ask
    this.erase.hidden = ask
    this.said.textContent = ask ? "This erases your progress and the answers in this tab, for good." : ""
    const next = ask ? this.keepIt : this.erase
    next.focus()
  }

  eraseAll() {
    this.progress.erase()
    this.askBeforeErasing(false)
    this.onErase()
    this.said.textContent = "Erased. Nothing of it is left on this device."
  }
}
