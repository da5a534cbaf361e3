// A table that scrolls by itself where it is wider than its place.

import { watchBox } from "../../scroll_boxes.js"
import { element } from "../shared.js"

/** Rows of a table, each cell text, in a box that scrolls by itself; the first cell of a row heads it. */
export function table(caption, head, rows) {
  const line = (cells, tag) => {
    return element(
      "tr",
      {},
      ...cells.map((cell, at) => element(at ? tag : "th", { scope: tag === "th" ? "col" : at ? null : "row" }, cell)),
    )
  }
  const whole = element(
    "table",
    { class: "measure-table" },
    element("caption", {}, caption),
    element("thead", {}, line(head, "th")),
    element("tbody", {}, ...rows.map((cells) => line(cells, "td"))),
  )
  const box = element("div", { class: "md-typeset__scrollwrap" }, element("div", { class: "md-typeset__table" }, whole))
  watchBox(box)
  return box
}
