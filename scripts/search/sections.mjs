// The sections that the searches index, each with the windows that are searched by meaning, as one line of JSON: for
// measure.py and pool.py.
//
//     node scripts/search/sections.mjs site/search/search_index.json

import { readFileSync } from "node:fs"
import { sectionsOf } from "../../docs/assets/search/sections.js"
import { windowsOf } from "./meaning.mjs"

const sections = sectionsOf(JSON.parse(readFileSync(process.argv[2], "utf8")))
console.log(JSON.stringify(sections.map((section) => ({ ...section, windows: windowsOf(section) }))))
