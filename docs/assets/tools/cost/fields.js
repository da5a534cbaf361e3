// The fields of the cost tool: one for each input, with what is wrong beside it, and the question where a number can be
// read in two ways.

import { element } from "../shared.js"
import { readFigure, sayReading, written } from "./numbers.js"

const FIRST = ["queries_per_month", "prompt_tokens", "passage_tokens", "day_price", "months"]

/**
 * A field for one input.
 * @param {string} name
 * @param {Object} about  the input, as in inputs.json
 * @param {function(string, ?number): void} onFigure  called at each key with the input's name and its figure, null where
 * there is none
 * @param {function(string): void} onSettle  called with the name when the reader has done with the field
 */
function numberField(name, about, onFigure, onSettle) {
  const id = `cost-${name}`
  const said = element("p", { class: "cost-error", id: `${id}-error` })
  const readings = element("div", { class: "cost-readings", role: "group", "aria-label": "Which is meant?" })
  const input = element("input", {
    id,
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    spellcheck: "false",
    "aria-describedby": `${about.help ? `${id}-help ` : ""}${id}-error`,
    oninput: () => read(),
    onchange: () => onSettle(name),
  })

  function tell(problem, numbers = []) {
    said.textContent = problem
    if (problem) input.setAttribute("aria-invalid", "true")
    else input.removeAttribute("aria-invalid")
    readings.replaceChildren(...numbers.map(readingButton))
  }

  function read() {
    const { number, readings: numbers, problem } = readFigure(input.value, name, about)
    tell(problem, numbers)
    onFigure(name, problem ? null : number)
  }

  function readingButton(number) {
    const choose = () => {
      input.value = written(number)
      read()
      onSettle(name)
      input.focus()
    }
    return element("button", { type: "button", class: "tool-button", onclick: choose }, sayReading(number))
  }

  const set = (number) => {
    input.value = written(number)
    tell("")
  }
  const ask = (text) => {
    input.value = text
    read()
  }
  const label = element("label", { for: id }, about.label, element("span", { class: "cost-unit" }, ` ${about.unit}`))
  const help = about.help ? element("p", { class: "cost-help", id: `${id}-help` }, about.help) : null
  return { node: element("div", { class: "cost-field" }, label, input, help, said, readings), set, ask }
}

/** A field for the one input that is yes or no. */
function boxField(name, about, onFigure) {
  const id = `cost-${name}`
  const input = element("input", {
    id,
    type: "checkbox",
    autocomplete: "off",
    "aria-describedby": about.help ? `${id}-help` : null,
    onchange: () => onFigure(name, Number(input.checked)),
  })
  const help = about.help ? element("p", { class: "cost-help", id: `${id}-help` }, about.help) : null
  const set = (number) => {
    input.checked = Boolean(number)
  }
  const node = element(
    "div",
    { class: "cost-field cost-check" },
    element("label", { for: id }, about.label),
    input,
    help,
  )
  return { node, set, ask: () => {} }
}

/**
 * All fields: the first few, then the others in groups that open.
 * @param {Object} data  inputs.json
 * @param {function(string, ?number): void} onFigure  called at each key with an input's name and its figure, null where
 * there is none
 * @param {function(string): void} onSettle  called with the name when the reader has done with the field
 * @returns {{nodes: Node[], fill: function(Object): void, ask: function(string, string): void}}  `fill` writes figures
 * into the fields; `ask` puts a text that can be read in two ways into one, and opens the group it is in
 */
export function makeFields(data, onFigure, onSettle) {
  const fields = new Map()
  const groups = new Map()
  const nodes = []
  for (const name of [...FIRST, ...Object.keys(data.inputs).filter((one) => !FIRST.includes(one))]) {
    const about = data.inputs[name]
    const field = (name === "cached" ? boxField : numberField)(name, about, onFigure, onSettle)
    fields.set(name, field)
    if (FIRST.includes(name)) {
      nodes.push(field.node)
      continue
    }
    if (!groups.has(about.group)) {
      groups.set(about.group, element("details", { class: "cost-group" }, element("summary", {}, about.group)))
      nodes.push(groups.get(about.group))
    }
    groups.get(about.group).append(field.node)
  }
  const fill = (figures) => {
    for (const [name, field] of fields) field.set(figures[name])
  }
  const ask = (name, text) => {
    fields.get(name).ask(text)
    if (!FIRST.includes(name)) groups.get(data.inputs[name].group).open = true
  }
  return { nodes, fill, ask }
}
