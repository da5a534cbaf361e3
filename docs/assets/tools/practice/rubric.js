// What is shown after an answer: the rubric to judge it by, a strong answer, and the next probe.

import { element } from "../shared.js"
import { Comparison, whatWasFound } from "./compare.js"
import { clock } from "./countdown.js"
import { VERDICTS } from "./progress.js"
import { pageAddress, paragraphs, summary, withLinks } from "./words.js"

/** A point of the rubric, to be judged. */
function pointRow(point, index, verdict, onJudge) {
  const name = `practice-point-${index}`
  const choices = Object.entries(VERDICTS).map(([value, words]) => {
    const radio = element("input", { type: "radio", name, value, onchange: () => onJudge(point, value) })
    radio.checked = verdict === value
    return element("label", { class: "tool-choice" }, radio, element("span", {}, words))
  })
  const hint = element("p", { class: "tool-hint" })
  const node = element(
    "fieldset",
    { class: "tool-choices practice-point" },
    element("legend", {}, point.point),
    element("p", { class: "practice-such" }, `“${point.phrasings[0]}”`),
    element("div", { class: "practice-choices" }, choices),
    hint,
  )
  return { node, hint, id: point.id }
}

/** What stands below the points. */
function afterwards(prompt) {
  const links = [
    element("a", { href: pageAddress(prompt.page) }, "Where the guide says it"),
    ...prompt.claims.map((claim) => {
      return element("a", { href: pageAddress(`evidence/claims.md#${claim.toLowerCase()}`) }, claim)
    }),
  ]
  const more = element("p", {}, withLinks(prompt.probe.answer))
  return [
    element("h3", {}, "A strong answer"),
    element("blockquote", { class: "practice-strong" }, paragraphs(prompt.answer)),
    element("h3", {}, "The next probe"),
    element("p", { class: "practice-probe" }, prompt.probe.question),
    element("details", { "data-part": "more" }, element("summary", {}, "What to answer"), more),
    element(
      "p",
      { class: "practice-links" },
      links.flatMap((link, index) => (index ? [" · ", link] : [link])),
    ),
  ]
}

export class Rubric {
  /**
   * @param {Object} prompt
   * @param {Object} attempt  as in progress.js; its verdicts are read here and written by onJudge
   * @param {number} taken  seconds, 0 where the clock did not run
   * @param {{onJudge: function(Object, string): void, onNext: function(): void, onAgain: function(): void,
   *   say: function(string): void}} reader  what happens when the reader judges a point or goes on
   */
  constructor(prompt, attempt, taken, { onJudge, onNext, onAgain, say }) {
    this.prompt = prompt
    this.attempt = attempt
    const judge = (point, verdict) => {
      onJudge(point, verdict)
      this.sumUp()
    }
    this.title = element("h3", { tabindex: "-1" }, "Which of these did you say?")
    this.sum = element("p", { class: "practice-sum", role: "status", "aria-live": "polite" })
    this.rows = prompt.rubric.map((point, index) => pointRow(point, index, attempt.verdicts[point.id], judge))
    const show = (scores) => this.showScores(scores)
    this.comparison = new Comparison(prompt.rubric, () => attempt.answer, show, say)
    this.answerChanged()
    this.sumUp()
    const button = { type: "button", class: "tool-button" }
    this.nodes = [
      this.title,
      element(
        "p",
        { class: "practice-came" },
        taken > 0 ? `You took ${clock(taken)}. ` : "",
        "Be strict: nearly said is left out.",
      ),
      this.comparison.node,
      ...this.rows.map(({ node }) => node),
      this.sum,
      ...afterwards(prompt),
      element(
        "div",
        { class: "tool-row is-controls" },
        element("button", { ...button, class: "tool-button is-main", onclick: onNext }, "Next prompt"),
        element("button", { ...button, onclick: onAgain }, "This one again"),
      ),
    ]
  }

  /** Only what is typed can be compared. */
  answerChanged() {
    this.comparison.node.hidden = !this.attempt.answer.trim()
  }

  sumUp() {
    this.sum.textContent = summary(this.prompt.rubric.map(({ id }) => this.attempt.verdicts[id]))
    this.sum.hidden = !this.sum.textContent
  }

  showScores(scores) {
    for (const score of scores) {
      this.rows.find(({ id }) => id === score.id).hint.replaceChildren(...whatWasFound(score))
    }
  }
}
