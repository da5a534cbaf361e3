// Training in the tab: a head that wins on thirty messages, and an adapter that is trained for too long. The charts show
// the recorded runs until the reader trains. Messages, vectors and runs are written by scripts/record_tune.py.

import { keptModels } from "./embed/kept_models.js"
import { EMBEDDING } from "./embed/models.js"
import { addStyle, element, mountWithData } from "./shared.js"
import { AdapterPart } from "./tune/adapter.js"
import { fetchData } from "./tune/files.js"
import { HeadPart } from "./tune/head.js"

const WORDS = {
  fetching: "Fetching the recorded runs.",
  notFetched:
    "The recorded runs could not be fetched. What the two programs print is below. Load the page again to try.",
}

function build([data, recorded]) {
  const head = new HeadPart(data, recorded.head, recorded.prompt)
  const adapter = new AdapterPart(data, recorded.adapter)
  const node = element("div", { class: "tool tune-tool" }, head.node, adapter.node, keptModels(EMBEDDING))
  return { node, followAddress: () => head.followAddress() }
}

/** Builds the tool into its place on the page. */
export async function mount(place) {
  for (const name of ["tools.css", "tune.css"]) addStyle(name)
  await mountWithData(place, () => Promise.all(["data.json", "recorded.json"].map(fetchData)), build, WORDS)
}
