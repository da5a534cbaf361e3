// The page of recorded answers: the same question to each rung. Without it the tally and four questions are there. The
// answers in rungs/*.json are those of experiments/knowledge/results; live.json and facts.gguf, with which the small model
// answers anew, are written by `make record only=rungs`.

import { byArm, FILTERS, filtered, placeOf, readChoice, WORDINGS, writeChoice } from "./rungs/choose.js"
import { addStyle, button, element, fetchJson, onAddressChange, readAddress, writeAddress } from "./shared.js"

const MODELS = { "1.5B": "1.5 billion parameters", "135M": "135 million parameters" }
const MARKS = { correct: "✓ correct", incorrect: "✗ incorrect", abstained: "– abstained" }
const LABELS = Object.fromEntries(Object.entries(FILTERS).map(([name, { label }]) => [name, label]))

function select(options, onchange) {
  const field = element(
    "select",
    { onchange: () => onchange(field.value) },
    ...Object.entries(options).map(([value, words]) => element("option", { value }, words)),
  )
  return field
}

const labelled = (words, field) => element("label", { class: "rungs-choice" }, element("span", {}, words), field)

function cell(model, answer) {
  const passage = answer.retrieved ? "It had the right passage." : "It had another passage."
  return element(
    "td",
    { "data-model": MODELS[model] },
    element("span", { class: `rungs-verdict is-${answer.verdict}` }, MARKS[answer.verdict]),
    element("p", {}, answer.text || "(nothing)"),
    "retrieved" in answer ? element("p", { class: "tool-hint" }, passage) : null,
  )
}

function table(answers) {
  const models = Object.keys(MODELS).filter((model) => answers.some((one) => one.model === model))
  const head = ["Rung", ...models.map((model) => MODELS[model])]
  const rows = byArm(answers).map(([arm, by]) =>
    element("tr", {}, element("th", { scope: "row" }, arm), ...models.map((model) => cell(model, by[model]))),
  )
  return element(
    "table",
    { class: "rungs-answers" },
    element("thead", {}, element("tr", {}, ...head.map((words) => element("th", { scope: "col" }, words)))),
    element("tbody", {}, ...rows),
  )
}

function about({ accept, document: source }) {
  if (!accept.length) return "No document says this. To abstain is correct."
  return `Correct where it holds ${accept.map((one) => `“${one}”`).join(" or ")}. The answer is in the document ${source}.`
}

/** The buttons to the questions before and behind one; `turn` takes the id of the question to show. */
function walk(questions, at, turn) {
  const to = (by) => turn(questions[(at + by + questions.length) % questions.length].id)
  const only = questions.length < 2
  return element(
    "div",
    { class: "tool-row" },
    button("Previous", () => to(-1), { disabled: only, "data-turn": "-1" }),
    button("Next", () => to(1), { disabled: only, class: "tool-button is-main", "data-turn": "1" }),
    element("span", {}, `${at + 1} of ${questions.length}`),
  )
}

/** One question with its answers, and the buttons that lead to the others. */
function questionView(questions, at, turn) {
  const one = questions[at]
  return [
    walk(questions, at, turn),
    element("h2", {}, one.text),
    element("p", { class: "tool-hint" }, about(one)),
    table(one.answers),
  ]
}

/** The part in which the small model answers in the tab: nothing of it is fetched before the reader opens it. */
function livePart() {
  let asked // the question that is shown, and its wording
  let isHere = false // or coming
  let run
  const summary = element("summary", {}, "Ask the small model in this tab")
  const says = element("p", { role: "status", class: "tool-hint" })
  const inside = element("div", {}, says)
  const node = element("details", { class: "rungs-live", hidden: true }, summary, inside)
  node.addEventListener("toggle", () => {
    if (node.open && !isHere) open()
  })
  async function open() {
    isHere = true
    says.textContent = "Fetching the prompts and passages."
    try {
      const live = await (await import("./rungs/live.js")).liveOf()
      run = live.run
      run.take(...asked)
      inside.replaceChildren(live.node)
    } catch (error) {
      console.warn(error) // what a developer wants to know
      isHere = false
      says.textContent = "This part could not be fetched. Close it and open it again."
    }
  }
  return {
    node,
    take(...question) {
      asked = question
      node.hidden = false
      run?.take(...question)
    },
    leave() {
      node.hidden = true
      run?.take(null)
    },
  }
}

export async function mount(place) {
  addStyle("tools.css")
  addStyle("rungs.css")
  let choice = readChoice(readAddress())

  const says = element("p", { role: "status", class: "tool-hint" })
  // Built once: a list that is replaced while somebody walks through it by keyboard loses the focus.
  const wordings = select(WORDINGS, (wording) => turnTo({ wording, question: "" }))
  const filters = select(LABELS, (filter) => turnTo({ filter, question: "" }))
  const choices = element("div", { class: "tool-row" }, labelled("Asked", wordings), labelled("Show", filters))
  const shown = element("div", { class: "rungs-question" })
  const live = livePart()
  place.replaceChildren(
    element("section", { class: "tool", "aria-label": "Recorded answers" }, choices, says, shown, live.node),
  )

  function turnTo(change, step = true) {
    choice = { ...choice, ...change }
    writeAddress(writeChoice(choice), step)
    return show()
  }

  function showQuestion(questions) {
    const turned = document.activeElement?.dataset.turn // which button had the focus
    const at = placeOf(questions, choice.question)
    shown.replaceChildren(...questionView(questions, at, (question) => turnTo({ question }, false)))
    live.take(questions[at], choice.wording)
    if (turned) shown.querySelector(`[data-turn="${turned}"]`).focus()
  }

  async function show() {
    const asked = choice
    wordings.value = choice.wording
    filters.value = choice.filter
    let all
    try {
      all = await fetchJson(new URL(`./rungs/${choice.wording}.json`, import.meta.url))
    } catch (error) {
      console.warn(error) // what a developer wants to know
      says.textContent = "The answers could not be fetched. "
      says.append(button("Try again", show))
      return
    }
    if (asked !== choice) return // the reader has chosen something else since
    const questions = filtered(all, choice.filter)
    says.textContent = `${questions.length} of ${all.length} questions: ${LABELS[choice.filter]}.`
    if (questions.length) return showQuestion(questions)
    shown.replaceChildren()
    live.leave()
  }

  onAddressChange(place, () => {
    choice = readChoice(readAddress())
    show()
  })
  await show()
}
