// The search that the theme ships: its own worker, with lunr, run in Node as the page would run it.

import { readdirSync, readFileSync } from "node:fs"
import { createContext, runInContext } from "node:vm"

const SETUP = 0
const READY = 1
const QUERY = 2
const RESULT = 3
const LONGEST = 20_000 // milliseconds that an answer may take

/**
 * Starts the theme's worker.
 * @param {string} theme  the folder of the installed package `material`
 * @param {Object} index  search_index.json as mkdocs wrote it
 * @returns {Promise<(question: string) => Promise<string[]>>}  the addresses of sections found, best first
 */
export async function open(theme, index) {
  const folder = `${theme}/templates/assets/javascripts/workers/`
  const name = readdirSync(folder).find((file) => /^search\..*\.js$/.test(file))
  const listeners = []
  let answer
  const scope = {
    addEventListener: (kind, listener) => kind === "message" && listeners.push(listener),
    postMessage: (data) => answer?.(data),
    location: { href: "https://example.org/assets/javascripts/workers/search.js" },
    console,
    setTimeout,
    clearTimeout,
    Intl,
    URL,
  }
  scope.self = scope
  runInContext(readFileSync(folder + name, "utf8"), createContext(scope))
  const ask = (type, data, wanted) =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("The theme's search did not answer.")), LONGEST)
      answer = (message) => {
        if (message.type !== wanted) return
        clearTimeout(late)
        resolve(message.data)
      }
      for (const listener of listeners) listener({ data: { type, data } })
    })
  await ask(SETUP, { config: index.config, docs: index.docs, options: { suggest: false } }, READY)
  return async (question) => {
    const { items } = await ask(QUERY, question, RESULT)
    // It shows pages, each with its sections; the reader meets the sections in the order of their scores.
    return items
      .flat()
      .sort((a, b) => b.score - a.score)
      .map(({ location }) => location)
  }
}
