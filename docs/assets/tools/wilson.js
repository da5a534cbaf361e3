// Wilson's score interval (1927). No page is needed.

/** The ends of Wilson's 95% interval of a share, as shares. */
export function wilson(hits, items) {
  const z = 1.959963984540054
  const share = hits / items
  const middle = (share + (z * z) / (2 * items)) / (1 + (z * z) / items)
  const half = (z / (1 + (z * z) / items)) * Math.sqrt((share * (1 - share)) / items + (z * z) / (4 * items * items))
  return [Math.max(0, middle - half), Math.min(1, middle + half)]
}
