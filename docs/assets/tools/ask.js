// Ask this guide: a question, the passages that three searches find, the prompt that results. What stands there first is a
// recorded run (scripts/record_ask.py); the guide's text, which is the site's search index, is fetched when the reader asks,
// and the embedding model when the reader agrees.

import { fetchRun } from "./ask/runs.js"
import { AskTool } from "./ask/tool.js"
import { addStyle, fetchJson, mountWithData } from "./shared.js"

const WORDS = {
  fetching: "Fetching the recorded run.",
  notFetched: "The recorded run could not be fetched. One of its questions is below. Load the page again to try.",
}

/** Builds the tool into its place on the page. */
export async function mount(place) {
  for (const name of ["tools.css", "measure.css", "ask.css"]) addStyle(name)
  const coming = () => Promise.all([fetchJson(new URL("ask/recorded.json", import.meta.url)), fetchRun(0)])
  await mountWithData(place, coming, ([recorded, first]) => new AskTool(recorded, first), WORDS)
}
