// The page of published contrasts: leaves the rows that resemble the reader's case. Without it every row is there. They are
// in docs/evidence/contrasts.json, and `make pages` writes them on the page.

import { isLike, readFilters } from "./contrasts/filter.js"
import { addStyle, element, onAddressChange, readAddress, writeAddress } from "./shared.js"

// What a row may be filtered by, as the page's generator writes it into `data-tags`.
const FILTERS = {
  "corpus-holds-answer": "The documents hold the answer",
  supervised: "The tuning had examples of the task",
  "newer-than-model": "The facts are newer than the model",
  "up-to-8b": "At most 8 billion parameters",
  "over-8b": "More than 8 billion",
}

export function mount(place) {
  addStyle("tools.css")
  const rows = [...document.querySelectorAll(".contrast[data-tags]")].map((mark) => ({
    row: mark.closest("tr"),
    tags: mark.dataset.tags.split(" "),
  }))
  const boxes = Object.entries(FILTERS).map(([name, label]) => {
    const box = element("input", { type: "checkbox", name, onchange: choose })
    return { name, box, label: element("label", { class: "tool-check" }, box, ` ${label}`) }
  })
  const count = element("p", { role: "status", class: "tool-hint" })

  function show(chosen) {
    let shown = 0
    for (const { row, tags } of rows) {
      row.hidden = !isLike(tags, chosen)
      shown += row.hidden ? 0 : 1
    }
    for (const { name, box } of boxes) box.checked = chosen.includes(name)
    count.textContent = `${shown} of ${rows.length} contrasts shown.`
  }

  function choose() {
    const chosen = boxes.filter(({ box }) => box.checked).map(({ name }) => name)
    writeAddress(chosen.length ? { only: chosen.join(",") } : {})
    show(chosen)
  }

  const read = () => show(readFilters(readAddress().get("only"), Object.keys(FILTERS)))
  place.replaceChildren(
    element(
      "fieldset",
      { class: "tool" },
      element("legend", {}, "Only contrasts where"),
      element("div", { class: "tool-row" }, ...boxes.map(({ label }) => label)),
      count,
    ),
  )
  onAddressChange(place, read)
  read()
}
