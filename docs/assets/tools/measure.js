// Measure yours: files of predictions, labelled messages, documents and questions, all read in the tab. What stands there
// first are samples, recorded by scripts/record_measure.py.

import { keptModels } from "./embed/kept_models.js"
import { EMBEDDING } from "./embed/models.js"
import { LabelsPart } from "./measure/labels.js"
import { Margin } from "./measure/margin.js"
import { SearchesPart } from "./measure/searches.js"
import { SystemsPart } from "./measure/systems.js"
import { addStyle, element, fetchJson, mountWithData } from "./shared.js"

const WORDS = {
  fetching: "Fetching the samples.",
  notFetched: "The samples could not be fetched, and this tool needs them to start. Load the page again to try.",
}

function build(sample) {
  const parts = []
  const margin = new Margin((value) => parts.map((part) => part.setMargin(value)))
  parts.push(
    new SystemsPart(sample.systems, margin.value),
    new LabelsPart(sample.labels, margin.value),
    new SearchesPart(sample.searches, margin.value),
  )
  const nodes = parts.map(({ node }) => node)
  const node = element("div", { class: "tool measure-tool" }, margin.node, ...nodes, keptModels(EMBEDDING))
  return { node, followAddress: () => margin.followAddress() }
}

/** Builds the tool into its place on the page. */
export async function mount(place) {
  for (const name of ["tools.css", "measure.css"]) addStyle(name)
  await mountWithData(place, () => fetchJson(new URL("measure/sample.json", import.meta.url)), build, WORDS)
}
