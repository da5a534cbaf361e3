// The questions of the decision ladder, each a group of radio buttons.

import { element } from "../shared.js"
import { sources } from "./result.js"
import { UNKNOWN } from "./rules.js"

/** One question; `mark` ticks its answer, and shows what to measure where that is "I don't know". */
function makeQuestion(question, number, onAnswer) {
  const { id, label, measure, answers } = question
  const inputs = answers.map((answer) => {
    const onchange = () => onAnswer(id, answer.id)
    return element("input", { type: "radio", name: `decide-${id}`, value: answer.id, onchange })
  })
  const choices = answers.map((answer, index) => {
    const kind = `tool-choice ${answer.id === UNKNOWN ? "is-unknown" : ""}`
    return element("label", { class: kind }, inputs[index], element("span", {}, answer.label))
  })
  const first = element(
    "div",
    { class: "tool-message decide-measure", hidden: true },
    element("strong", {}, "Measure this first. "),
    measure.text,
    " ",
    sources(measure, "how"),
  )
  const node = element(
    "fieldset",
    { class: "tool-choices", id: `decide-${id}` },
    element("legend", {}, `${number}. ${label}`),
    ...choices,
    first,
  )
  const mark = (answer) => {
    for (const input of inputs) input.checked = answer === input.value
    first.hidden = answer !== UNKNOWN
  }
  return { node, mark, group: question.group, id }
}

/**
 * All questions in their groups.
 * @param {Object} data  rules.json
 * @param {function(string, string): void} onAnswer  called with a question's and an answer's id
 * @returns {{node: Node, mark: function(Object): void}}  `mark` ticks a set of answers
 */
export function makeQuestions(data, onAnswer) {
  const questions = data.questions.map((question, index) => makeQuestion(question, index + 1, onAnswer))
  const groups = data.groups.map((title, index) => {
    const those = questions.filter(({ group }) => group === index).map(({ node }) => node)
    return element("section", { class: "decide-group" }, element("h2", {}, title), ...those)
  })
  const stay = (event) => event.preventDefault()
  const attributes = { class: "decide-questions", "aria-label": "Questions about your case", onsubmit: stay }
  const mark = (answers) => {
    for (const question of questions) question.mark(answers[question.id])
  }
  return { node: element("form", attributes, ...groups), mark }
}
