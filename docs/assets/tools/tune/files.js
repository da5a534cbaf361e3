// Fetches what the page on training needs, each file once.

import { readVectors } from "./training.js"

const fetched = new Map()

function fetchOnce(name, read) {
  if (!fetched.has(name)) {
    const coming = fetch(new URL(name, import.meta.url)).then((response) => {
      if (!response.ok) throw new Error(`${name}: ${response.status}`)
      return read(response)
    })
    fetched.set(name, coming)
    coming.catch(() => fetched.delete(name))
  }
  return fetched.get(name)
}

/** The content of a JSON file of the tool. */
export const fetchData = (name) => fetchOnce(name, (response) => response.json())

/** The vectors of a file of the tool. */
export const fetchVectors = (name) => fetchOnce(name, async (response) => readVectors(await response.arrayBuffer()))
