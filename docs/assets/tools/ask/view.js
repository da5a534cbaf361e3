// What was found as the page shows it: the searches side by side, the passages with their boundaries, the prompt.

import { addCopyButtons } from "../../copy.js"
import { table } from "../measure/table_view.js"
import { element, SITE } from "../shared.js"
import { SEARCHES } from "./hits.js"
import { CAPTION, HEADS, sayPart, sayScore } from "./words.js"

/** The name of a passage's section; of the guide's, a link to it. */
function sectionName({ document, page, title, first }, isOwn) {
  const words = first || title === page ? page : `${page} › ${title}`
  if (isOwn) return element("span", {}, page === title ? page : `${document}: ${title}`)
  return element("a", { href: new URL(document, SITE).href }, words)
}

/** A hit as a cell: its rank, then its score. */
function cell(by, hits, place) {
  if (!hits) return "not asked"
  const at = hits.findIndex((one) => one.place === place)
  return at < 0 ? "–" : `${at + 1} · ${sayScore(by, hits[at].score)}`
}

/**
 * The first passages of each search, side by side.
 * @param {{keyword: Object[], minilm?: Object[], fused?: Object[]}} hits
 * @param {Object} passages  by place
 */
export function comparison(hits, passages, { by, k }, isOwn) {
  const places = new Set([by, ...SEARCHES].flatMap((name) => (hits[name] ?? []).slice(0, k).map(({ place }) => place)))
  const rows = [...places].map((place) => {
    const passage = passages[place]
    const name = element("span", {}, sectionName(passage, isOwn), passage.of > 1 ? `, ${sayPart(passage)}` : "")
    return [name, ...SEARCHES.map((search) => cell(search, hits[search], place))]
  })
  return rows.length ? table(CAPTION, HEADS, rows) : null
}

/** A section with its boundaries: each passage in a box, the one that was found marked. */
function wholeSection(section, found) {
  const boxes = section.map((passage) =>
    element("li", { class: passage === found ? "ask-chunk is-found" : "ask-chunk" }, passage.text),
  )
  return element(
    "details",
    {},
    element("summary", {}, "The section, and where it is cut"),
    element("ol", { class: "ask-chunks" }, ...boxes),
  )
}

/**
 * The passages that go into the prompt, or the nearest where none does.
 * @param {Object[]} shown  hits
 * @param {function(number): ?Object[]} sectionAt  the passages of a place's section, null where they are not at hand
 */
export function passageList(shown, passages, by, sectionAt, isOwn) {
  const items = shown.map(({ place, closeness }) => {
    const passage = passages[place]
    const section = passage.of > 1 ? sectionAt(place) : null
    const [measure, search] = by === "keyword" ? ["score", by] : ["similarity", "minilm"]
    return element(
      "li",
      {},
      element(
        "p",
        { class: "ask-name" },
        sectionName(passage, isOwn),
        element("span", { class: "tool-hint" }, ` ${sayPart(passage)}, ${measure} ${sayScore(search, closeness)}`),
      ),
      element("blockquote", { class: "ask-chunk is-found" }, passage.text),
      section && wholeSection(section, passage),
    )
  })
  return element("ol", { class: "ask-passages" }, ...items)
}

/** A prompt, whole, with a button that copies it. */
export function promptView(prompt) {
  const node = element("pre", { class: "ask-prompt" }, element("code", {}, prompt))
  queueMicrotask(addCopyButtons) // once it stands in the page
  return node
}
