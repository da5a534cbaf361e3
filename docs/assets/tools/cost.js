// The cost tool: fields, a chart and a sentence around the arithmetic of cost/model.js. Inputs, defaults, ranges and
// scenarios are in snippets/trade-offs/cost/inputs.json, which the Python program reads too.

import { drawChart, swatch } from "./cost/chart.js"
import { makeFields } from "./cost/fields.js"
import { WAYS } from "./cost/model.js"
import { figuresOf, pairOf, readState, stateOf, toAddress } from "./cost/state.js"
import { billsTable, spendingTable, whichInputDecides } from "./cost/tables.js"
import { aboutAddress, capital, comparison, difference, headline, some } from "./cost/words.js"
import {
  addStyle,
  button,
  dataFor,
  download,
  drawn,
  element,
  fetchJson,
  onAddressChange,
  readAddress,
  writeAddress,
} from "./shared.js"

const SOURCE = new URL("../../snippets/trade-offs/cost/inputs.json", import.meta.url)
const NOT_FETCHED = "The tool's figures could not be fetched. The sums below do without."
const PAUSE = 200 // milliseconds after the last key

/**
 * Puts the cost tool into its place on the page.
 * @param {HTMLElement} place
 */
export async function mount(place) {
  addStyle("tools.css")
  addStyle("cost.css")
  const data = await dataFor(place, fetchJson(SOURCE), NOT_FETCHED)
  if (data) new CostTool(place, data).start()
}

/** The same words again would be read aloud again. */
function put(paragraph, text) {
  if (paragraph.textContent !== text) paragraph.textContent = text
}

class CostTool {
  constructor(place, data) {
    this.place = place
    this.data = data
    this.notUsable = new Set() // the inputs in whose fields no figure stands
    this.fields = makeFields(
      data,
      (name, figure) => this.take(name, figure),
      (name) => this.settle(name),
    )
    this.makeStart()
    this.makeResult()
  }

  start() {
    this.place.classList.add("cost-tool")
    this.place.replaceChildren(...this.parts())
    this.followAddress()
    const figure = this.svg.parentElement
    new ResizeObserver((_, observer) => {
      if (!this.place.isConnected) observer.disconnect()
      // not the first time, nor for its height
      else if (figure.clientWidth !== this.width) requestAnimationFrame(() => this.draw())
    }).observe(figure)
    onAddressChange(this.place, () => this.followAddress())
  }

  // What is on the page

  makeStart() {
    const scenarios = Object.keys(this.data.scenarios).map((name) => element("option", { value: name }, name))
    const choose = () => this.choose(this.scenarioSelect.value)
    this.scenarioSelect = element("select", { id: "cost-case", onchange: choose }, ...scenarios)
    const tick = () => this.tick()
    this.boxes = WAYS.map((way) => element("input", { type: "checkbox", value: way, onchange: tick }))
    this.waysError = element("p", { class: "cost-error", id: "cost-ways-error" })
    this.why = element("p", { class: "cost-help" })
    this.note = element("p", { class: "cost-note", role: "status" })
  }

  makeResult() {
    this.lead = element("p", { class: "cost-headline" })
    this.detail = element("p", {})
    this.fallback = element("p", { class: "cost-fallback" })
    const labels = { role: "img", "aria-labelledby": "cost-chart-title cost-chart-desc" }
    this.svg = drawn("svg", { class: "cost-chart", ...labels })
    this.question = element("div", { class: "cost-question" })
    this.table = element("div", {})
    this.deciding = element("div", {})
    this.changes = element("div", { class: "cost-changes" })
  }

  parts() {
    const ways = WAYS.map((way, index) => element("label", {}, this.boxes[index], swatch(way), capital(way)))
    const start = element(
      "div",
      { class: "cost-start" },
      element("div", { class: "cost-case" }, element("label", { for: "cost-case" }, "Start from"), this.scenarioSelect),
      element(
        "fieldset",
        { "aria-describedby": "cost-ways-error" },
        element("legend", {}, "Which ways could do your job?"),
        element("div", { class: "cost-ways" }, ...ways),
        this.waysError,
      ),
      this.why,
      this.note,
    )
    const result = element(
      "section",
      { class: "cost-result", "aria-label": "Result" },
      element("div", { role: "status", class: "cost-sentence" }, this.lead, this.detail, this.fallback),
      element("div", { class: "cost-figure" }, this.svg),
      this.question,
    )
    const buttons = element(
      "p",
      { class: "cost-buttons" },
      button("Undo my changes", () => this.choose(this.state.scenario)),
      button("Save for the program", () => this.save()),
    )
    const figures = { class: "cost-fields", "aria-label": "Your figures" }
    const columns = [result, element("section", figures, ...this.fields.nodes, buttons)]
    return [start, element("div", { class: "cost-columns" }, ...columns), this.table, this.deciding, this.changes]
  }

  // What the reader does

  /** Starts from a scenario. */
  choose(scenario) {
    this.begin(stateOf(this.data, scenario))
    this.write(true)
    this.render()
  }

  /** Takes the ways that are ticked. */
  tick() {
    const ways = this.boxes.filter((box) => box.checked).map((box) => box.value)
    this.waysError.textContent = ways.length ? "" : "Tick at least one."
    if (!ways.length) return
    this.state.ways = ways
    if (!this.state.pair?.every((way) => ways.includes(way))) this.state.pair = null
    this.write()
    this.render()
  }

  /**
   * Takes what a field holds now. Where that is no figure, the one from before the reader began to type stands again, and
   * not the 60 that "60.000" was on the way.
   */
  take(name, figure) {
    if (figure === null) this.notUsable.add(name)
    else this.notUsable.delete(name)
    this.state.figures[name] = figure ?? this.settled[name]
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      if (!this.place.isConnected) return
      this.about = ""
      this.write()
      this.render()
    }, PAUSE)
  }

  /** The reader has left a field: what stands in it is meant. */
  settle(name) {
    this.settled[name] = this.state.figures[name]
  }

  /** Asks about another pair of ways. */
  ask(index, way, pair) {
    const next = [...pair]
    if (way === pair[1 - index]) next[1 - index] = pair[index]
    next[index] = way
    this.state.pair = next
    this.write()
    this.render()
    this.question.querySelectorAll("select")[index]?.focus()
  }

  /** Hands out the figures as a file that the program reads. */
  save() {
    const mine = { ...this.state.figures, ways: this.state.ways }
    const file = { inputs: this.data.inputs, scenarios: { Mine: mine } }
    download("inputs.json", `${JSON.stringify(file, null, 2)}\n`, "application/json")
  }

  // State and address

  followAddress() {
    const { state, unusable, unclear } = readState(this.data, readAddress())
    this.begin(state)
    for (const [name, text] of unclear) this.fields.ask(name, text)
    clearTimeout(this.timer) // it is the reader who has not chosen yet
    const labels = [...unclear.keys()].map((name) => `“${this.data.inputs[name].label}”`)
    this.about = aboutAddress(unusable, labels)
    this.render()
  }

  /** Fills everything in from a state. */
  begin(state) {
    this.state = state
    this.settled = { ...state.figures }
    this.about = ""
    this.notUsable.clear()
    this.scenarioSelect.value = state.scenario
    for (const box of this.boxes) box.checked = state.ways.includes(box.value)
    this.waysError.textContent = ""
    this.fields.fill(state.figures)
  }

  write(step = false) {
    writeAddress(toAddress(this.data, this.state), step)
  }

  // The result

  draw() {
    this.width = this.svg.parentElement.clientWidth
    const { ways, figures } = this.state
    drawChart(this.svg, Math.max(280, this.width), ways, figures, pairOf(this.state))
  }

  render() {
    const { ways, figures } = this.state
    const pair = pairOf(this.state)
    const names = [...this.notUsable].map((name) => this.data.inputs[name].label)
    put(this.note, this.about)
    put(this.lead, headline(ways, figures))
    put(this.detail, pair ? comparison(pair, figures) : "")
    put(this.fallback, names.length ? `Calculated with the last usable figure for: ${some(names)}.` : "")
    this.why.replaceChildren(...this.whyThisScenario())
    this.question.replaceChildren(...this.whichPair(pair))
    this.draw()
    this.table.replaceChildren(billsTable(ways, figures), spendingTable(ways, figures))
    this.deciding.replaceChildren(...(pair ? whichInputDecides(this.data, pair, figures) : []))
    this.changes.replaceChildren(...this.whatChanged())
  }

  whyThisScenario() {
    const { why, anchor } = this.data.scenarios[this.state.scenario]
    if (!anchor) return [why]
    const href = new URL(`../../ladder/scenarios/#${anchor}`, import.meta.url).href
    return [why, " ", element("a", { href }, "The scenario")]
  }

  whichPair(pair) {
    if (!pair) return ["Tick a second way to compare two."]
    const [one, other] = ["does this way pay", "against"].map((label, index) => {
      const options = this.state.ways.map((way) =>
        element("option", { value: way, selected: way === pair[index] }, way),
      )
      const change = (event) => this.ask(index, event.target.value, pair)
      return element("select", { "aria-label": label, onchange: change }, ...options)
    })
    return ["Does ", one, " pay against ", other, "?"]
  }

  whatChanged() {
    const { scenario, figures } = this.state
    const before = figuresOf(this.data, scenario)
    const changed = Object.keys(figures).filter((name) => figures[name] !== before[name])
    if (!changed.length) return []
    const lines = changed.map((name) => difference(name, this.data.inputs[name], figures[name], before[name]))
    return [
      element("p", {}, `Changed from “${scenario}”:`),
      element("ul", {}, ...lines.map((line) => element("li", {}, line))),
    ]
  }
}
