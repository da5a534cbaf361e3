// Measure yours: files of predictions, labelled messages, documents and questions, all read in the tab. What stands there
// first are samples, recorded.

import { LabelsPart } from "./measure/labels.js"
import { Margin } from "./measure/margin.js"
import { SearchesPart } from "./measure/searches.js"
import { SystemsPart } from "./measure/systems.js"
import { addStyle, element, onAddressChange } from "./shared.js"

const NOT_FETCHED = "The samples could not be fetched, and this tool needs them to start. Load the page again to try."

/** Builds the tool into its place on the page. */
export async function mount(place) {
  addStyle("tools.css")
  addStyle("measure.css")
  place.replaceChildren(element("p", { class: "tool-message" }, "Fetching the samples."))
  try {
    const response = await fetch(new URL("measure/sample.json", import.meta.url))
    if (!response.ok) throw new Error(`sample.json: ${response.status}`)
    const sample = await response.json()
    if (!place.isConnected) return
    const parts = []
    const margin = new Margin((value) => parts.map((part) => part.setMargin(value)))
    parts.push(
      new SystemsPart(sample.systems, margin.value),
      new LabelsPart(sample.labels, margin.value),
      new SearchesPart(sample.searches, margin.value),
    )
    const nodes = parts.map(({ node }) => node)
    place.replaceChildren(element("div", { class: "tool measure-tool" }, margin.node, ...nodes))
    onAddressChange(place, () => margin.followAddress())
  } catch (error) {
    console.warn(error) // what a developer wants to know
    place.style.minHeight = ""
    place.replaceChildren(element("p", { class: "tool-message is-error", role: "status" }, NOT_FETCHED))
  }
}
