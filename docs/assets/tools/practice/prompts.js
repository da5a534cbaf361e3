// The prompts, in two files: which there are is fetched with the tool, the rubrics and answers when a reader needs one.

import { fetchJson } from "../shared.js"

const read = (name) => fetchJson(new URL(name, import.meta.url))

/** Kinds, levels, and each prompt with the points of its rubric. Rejects where it cannot be fetched. */
export const readIndex = () => read("index.json")

/** A prompt with the phrasings of its points, its answer, probe, page and claims. Rejects where it cannot be fetched. */
export async function readWhole(id) {
  const { drill, prompts } = await read("prompts.json")
  const found = [drill, ...prompts].find((prompt) => prompt.id === id)
  if (!found) throw new Error(`prompts.json has no ${id}`)
  return found
}
