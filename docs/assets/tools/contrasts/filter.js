// Which contrasts resemble a case: no document, no page, so that it is tested without either.

/** The known filters that an address names, each once; null and what nobody offers count as none. */
export function readFilters(text, known) {
  return [...new Set((text ?? "").split(","))].filter((name) => known.includes(name))
}

/** Whether a row with these tags has everything that was chosen. */
export function isLike(tags, chosen) {
  return chosen.every((name) => tags.includes(name))
}
