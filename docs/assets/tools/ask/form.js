// The question, the search that makes the prompt, how many passages it takes and from how close.

import { button, element } from "../shared.js"
import { SEARCHES } from "./hits.js"
import { LONGEST_QUESTION, leastOf, MOST_PASSAGES, questionOf } from "./state.js"
import { LESSONS, NAMES, sayLeast, THRESHOLDS } from "./words.js"

const EMPTY = "Type a question first."

/** A slider with its value beside its label. */
class Slider {
  constructor({ id, least, most }, onInput) {
    this.shown = element("output", { for: id })
    this.words = element("span", {})
    this.input = element("input", { type: "range", id, min: least, max: most, step: "1", oninput: onInput })
    this.node = element(
      "div",
      { class: "tool-field ask-slider" },
      element("label", { for: id }, this.words, " ", this.shown),
      this.input,
    )
  }

  show(words, value, said) {
    this.words.textContent = words
    this.input.value = String(value)
    this.input.setAttribute("aria-valuetext", said)
    this.shown.textContent = said
  }

  get value() {
    return Number(this.input.value)
  }
}

export class Form {
  /**
   * @param {string[]} recorded  questions that were recorded
   * @param {function(string): void} onAsk
   * @param {function(string): void} onRecorded
   * @param {function(Object): void} onChange  what of the state has changed
   */
  constructor(recorded, onAsk, onRecorded, onChange) {
    this.onAsk = onAsk
    this.onChange = onChange
    this.said = element("p", { class: "tool-message is-error", id: "ask-said", role: "alert" })
    this.field = element("input", {
      type: "text",
      id: "ask-question",
      maxlength: String(LONGEST_QUESTION),
      autocomplete: "off",
      "aria-describedby": "ask-said",
    })
    this.passages = new Slider({ id: "ask-k", least: 1, most: MOST_PASSAGES }, () => {
      onChange({ k: this.passages.value })
    })
    this.threshold = new Slider({ id: "ask-least", least: 0, most: 100 }, () => {
      onChange(this.by === "keyword" ? { score: this.threshold.value } : { near: this.threshold.value })
    })
    const samples = recorded.map((one) =>
      element(
        "li",
        {},
        button(one, () => onRecorded(one)),
      ),
    )
    this.node = element("div", {}, this.questionForm(), this.said, this.sampleList(samples), this.settings())
  }

  questionForm() {
    const ask = (event) => {
      event.preventDefault()
      this.ask()
    }
    return element(
      "form",
      { class: "ask-form", onsubmit: ask, novalidate: true },
      element("label", { for: "ask-question" }, "Your question"),
      element(
        "div",
        { class: "ask-line" },
        this.field,
        element("button", { type: "submit", class: "tool-button is-main" }, "Ask"),
      ),
    )
  }

  sampleList(samples) {
    return element(
      "div",
      { class: "screen-only" },
      element("p", { class: "tool-hint", id: "ask-recorded" }, "Or look at a recorded one:"),
      element("ul", { class: "ask-samples", "aria-labelledby": "ask-recorded" }, ...samples),
    )
  }

  settings() {
    this.choices = SEARCHES.map((by) =>
      element("input", { type: "radio", name: "ask-by", value: by, onchange: () => this.onChange({ by }) }),
    )
    const labels = this.choices.map((input, at) =>
      element(
        "label",
        { class: "tool-choice" },
        input,
        element("span", {}, element("strong", {}, NAMES[SEARCHES[at]]), ` ${LESSONS[SEARCHES[at]]}`),
      ),
    )
    return element(
      "div",
      {},
      element(
        "fieldset",
        { class: "tool-choices" },
        element("legend", {}, "Which search fills the prompt?"),
        ...labels,
      ),
      element("div", { class: "ask-sliders" }, this.passages.node, this.threshold.node),
    )
  }

  ask() {
    const question = questionOf(this.field.value)
    this.said.textContent = question ? "" : EMPTY
    if (question) this.onAsk(question)
    else this.field.focus()
  }

  /** Shows a state. The question is left alone while the reader types it. */
  show(state, { isTyping = false } = {}) {
    this.by = state.by
    if (!isTyping) this.field.value = state.question
    for (const input of this.choices) input.checked = input.value === state.by
    this.passages.show("Passages in the prompt, at most (k):", state.k, String(state.k))
    const value = state.by === "keyword" ? state.score : state.near
    this.threshold.show(`${THRESHOLDS[state.by]}:`, value, sayLeast(state.by, leastOf(state)))
  }
}
