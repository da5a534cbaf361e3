// By how much a lower system may be worse and still be enough: one field for every part of the page, kept in the address.

import { element, readAddress, writeAddress } from "../shared.js"
import { readMargin } from "./words.js"

const BAD = "Write the margin in points, from 0.1 to 49.9."
const USUAL = "5"

export class Margin {
  /** @param {function(number): void} onChange  told the margin as a fraction */
  constructor(onChange) {
    this.onChange = onChange
    this.said = element("p", { class: "tool-message is-error", id: "measure-margin-said", role: "status" })
    this.field = element("input", {
      type: "text",
      inputmode: "decimal",
      id: "measure-margin",
      "aria-describedby": "measure-margin-said",
      oninput: () => this.take(this.field.value),
    })
    const label = "Margin, in points: a simpler system may be worse by less than this"
    this.node = element(
      "div",
      { class: "tool-field measure-margin" },
      element("label", { for: "measure-margin" }, label),
      this.field,
      this.said,
    )
    this.followAddress()
  }

  followAddress() {
    const given = readAddress().get("margin")
    this.field.value = readMargin(given) === null ? USUAL : given.trim()
    this.value = readMargin(this.field.value)
    this.mark("")
    this.onChange(this.value)
  }

  take(typed) {
    const margin = readMargin(typed)
    this.mark(margin === null ? BAD : "")
    if (margin === null) return
    this.value = margin
    writeAddress(typed.trim() === USUAL ? {} : { margin: typed.trim() })
    this.onChange(margin)
  }

  mark(problem) {
    this.said.textContent = problem
    if (problem) this.field.setAttribute("aria-invalid", "true")
    else this.field.removeAttribute("aria-invalid")
  }
}
