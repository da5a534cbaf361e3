// Ask this guide: a question, the passages that three searches find, the prompt that results. What stands there first is a
// recorded run; the guide's text is fetched when the reader asks, and the embedding model when the reader agrees.

import { AskTool } from "./ask/tool.js"
import { addStyle, element, onAddressChange } from "./shared.js"

const NOT_FETCHED = "The recorded run could not be fetched. One of its questions is below. Load the page again to try."

/** Builds the tool into its place on the page. */
export async function mount(place) {
  for (const name of ["tools.css", "measure.css", "ask.css"]) addStyle(name)
  place.replaceChildren(element("p", { class: "tool-message" }, "Fetching the recorded run."))
  try {
    const response = await fetch(new URL("ask/recorded.json", import.meta.url))
    if (!response.ok) throw new Error(`recorded.json: ${response.status}`)
    const recorded = await response.json()
    if (!place.isConnected) return
    const tool = new AskTool(recorded)
    place.replaceChildren(tool.node)
    onAddressChange(place, () => tool.followAddress())
  } catch (error) {
    console.warn(error) // what a developer wants to know
    place.style.minHeight = ""
    place.replaceChildren(element("p", { class: "tool-message is-error", role: "status" }, NOT_FETCHED))
  }
}
