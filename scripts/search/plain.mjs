// BM25 and nothing else: MiniSearch as it comes, each section one text. What the site's own rules are compared with.

import MiniSearch from "../../docs/assets/vendor/minisearch/minisearch.js"

/**
 * Starts the search.
 * @param {import("../../docs/assets/search/sections.js").Section[]} sections
 * @returns {(question: string) => string[]}  the addresses of sections found, best first
 */
export function open(sections) {
  const engine = new MiniSearch({ fields: ["all"] })
  engine.addAll(sections.map(({ id, page, title, text, tags }) => ({ id, all: `${page} ${title} ${tags} ${text}` })))
  return (question) => engine.search(question).map(({ id }) => id)
}
