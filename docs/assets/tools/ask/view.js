// How the page shows a question: the passages with their boundaries, the searches side by side, the prompt, the answer.

import { addCopyButtons } from "../../copy.js"
import { table } from "../measure/table_view.js"
import { element, SITE } from "../shared.js"
import { check } from "./citing.js"
import { SEARCHES, sectionOf } from "./hits.js"
import { estimateTokens } from "./prompt.js"
import { CAPTION, HEADS, sayCheck, sayPart, sayScore, sayTokens } from "./words.js"

const NO_ANSWER =
  "No answer was recorded for this prompt. Copy it into a model of yours, or let a small one write here; then read the " +
  "passages beside the answer."

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

/** The first passages of each search, side by side. */
function comparison(hits, passages, { by, k }, isOwn) {
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

/** Some passages that were found, as a list; `isWhole`: all passages are at hand, so that a section can be shown. */
function passageList(shown, passages, by, isWhole, isOwn) {
  const items = shown.map(({ place, closeness }) => {
    const passage = passages[place]
    const section = passage.of > 1 && isWhole ? sectionOf(passages, place) : null
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

/**
 * What was found: the passages that the prompt takes, or the nearest where it takes none, then the searches side by side.
 * @param {import("./hits.js").Hit[]} close  what the prompt takes
 * @param {Object<string, import("./hits.js").Hit[]>} hits  of each search that was asked
 * @param {Object<number, import("./passages.js").Passage>} passages  by place
 * @param {{by: string, k: number}} state
 * @param {?{files: number}} corpus  what was searched here; null for a recorded run, which has only the passages found
 */
export function foundView(close, hits, passages, state, corpus) {
  const { by } = state
  const isOwn = Boolean(corpus?.files)
  const shown = close.length ? close : (hits[by] ?? []).slice(0, 1)
  const list = passageList(shown, passages, by, Boolean(corpus), isOwn)
  return [list, comparison(hits, passages, state, isOwn)].filter(Boolean)
}

/**
 * A prompt, whole, with its length and a button that copies it.
 * @param {string} prompt  "" where there is none
 * @param {?{tokens: number}} recorded  what was recorded of it
 * @param {number} tokensPerWord  to estimate its length where nothing was
 */
export function promptView(prompt, recorded, tokensPerWord) {
  if (!prompt) return [element("p", {}, "There is none: nothing close enough was found.")]
  const tokens = recorded?.tokens ?? estimateTokens(prompt, tokensPerWord)
  queueMicrotask(addCopyButtons) // once it stands in the page
  return [
    element("p", { class: "tool-hint" }, sayTokens(tokens, Boolean(recorded))),
    element("pre", { class: "ask-prompt" }, element("code", {}, prompt)),
  ]
}

/**
 * The answer to a prompt with the check of its sources, where it was recorded.
 * @param {string} prompt  "" where there is none
 * @param {?{answer: string}} recorded
 * @param {string[]} texts  the passages of the prompt
 */
export function answerView(prompt, recorded, texts) {
  if (!prompt) return [element("p", { class: "tool-result" }, "I don’t know.")]
  if (!recorded) return [element("p", {}, NO_ANSWER)]
  return [
    element("p", { class: "tool-hint" }, "Recorded: SmolLM2-135M, a model of 135 million parameters, wrote"),
    element("blockquote", { class: "ask-answer" }, recorded.answer),
    element("p", {}, sayCheck(check(recorded.answer, texts))),
  ]
}
