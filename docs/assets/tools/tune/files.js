// Fetches what the page on training needs, each file once.

import { fetchJson, fetchOnce } from "../shared.js"
import { readVectors } from "./training.js"

const at = (name) => new URL(name, import.meta.url)

/** The content of a JSON file of the tool. */
export const fetchData = (name) => fetchJson(at(name))

/** The vectors of a file of the tool. */
export const fetchVectors = (name) => fetchOnce(at(name), async (response) => readVectors(await response.arrayBuffer()))
