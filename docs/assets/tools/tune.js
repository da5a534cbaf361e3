// Training in the tab: a head that wins on thirty messages, and an adapter that is trained for too long. The charts show
// the recorded runs until the reader trains.

import { addStyle, element, onAddressChange } from "./shared.js"
import { AdapterPart } from "./tune/adapter.js"
import { fetchData } from "./tune/files.js"
import { HeadPart } from "./tune/head.js"

const NOT_FETCHED =
  "The recorded runs could not be fetched. What the two programs print is below. Load the page again to try."

/** Builds the tool into its place on the page. */
export async function mount(place) {
  addStyle("tools.css")
  addStyle("tune.css")
  place.replaceChildren(element("p", { class: "tool-message" }, "Fetching the recorded runs."))
  try {
    const [data, recorded] = await Promise.all(["data.json", "recorded.json"].map(fetchData))
    if (!place.isConnected) return
    const head = new HeadPart(data, recorded.head, recorded.prompt)
    const adapter = new AdapterPart(data, recorded.adapter)
    place.replaceChildren(element("div", { class: "tool tune-tool" }, head.node, adapter.node))
    onAddressChange(place, () => head.followAddress())
  } catch (error) {
    console.warn(error) // what a developer wants to know
    place.replaceChildren(element("p", { class: "tool-message is-error", role: "status" }, NOT_FETCHED))
  }
}
