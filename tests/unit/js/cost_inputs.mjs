// The inputs and scenarios that the cost tool and its program read.

import { readFileSync } from "node:fs"

const file = new URL("../../../snippets/tools/cost/inputs.json", import.meta.url)
export const data = JSON.parse(readFileSync(file, "utf8"))
export const inputs = data.inputs
