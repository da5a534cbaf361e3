// What the tools read, as they read it.

import { readFileSync } from "node:fs"

const read = (path) => JSON.parse(readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8"))

export const costs = read("snippets/trade-offs/cost/inputs.json")
export const rules = read("docs/assets/tools/decide/rules.json")
export const prompts = read("docs/assets/tools/practice/prompts.json")
