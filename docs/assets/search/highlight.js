// Marks in a page the words by which the search found it. The browser paints them; the page is not changed.

import { termsOf, wordsOf } from "./text.js"

/**
 * Marks words of the page, and forgets those marked before. A browser without CSS.highlights shows the page as it is.
 * @param {Set<string>} terms  as in the index
 */
export function highlight(terms) {
  if (!globalThis.CSS?.highlights) return
  const ranges = []
  const walker = document.createTreeWalker(document.querySelector("article"), NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const node = walker.currentNode
    for (const { word, start, end } of wordsOf(node.data)) {
      if (!termsOf(word).some((term) => terms.has(term))) continue
      const range = new Range()
      range.setStart(node, start)
      range.setEnd(node, end)
      ranges.push(range)
    }
  }
  CSS.highlights.set("found", new Highlight(...ranges))
}
