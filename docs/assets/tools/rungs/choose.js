// Which recorded questions are shown: no document, no page, so that it is tested without either.

export const WORDINGS = {
  direct: "In the documents' words",
  paraphrase: "In a customer's words",
  unanswerable: "Not in the documents",
}

// What a reader may ask to see; each gets the verdicts of one model by arm, and all verdicts of the question.
export const FILTERS = {
  all: { label: "All questions", holds: () => true },
  disagree: { label: "The rungs disagree", holds: (said) => new Set(Object.values(said)).size > 1 },
  retrieval: {
    label: "Retrieval is correct, fine-tuning is not",
    holds: (said) => said.Retrieval === "correct" && said["Fine-tuned on the facts"] !== "correct",
  },
  tuning: {
    label: "Fine-tuning is correct, retrieval is not",
    holds: (said) => said.Retrieval !== "correct" && said["Fine-tuned on the facts"] === "correct",
  },
  both: {
    label: "Correct only with both",
    holds: (said) =>
      said["Fine-tuned, with retrieval"] === "correct" &&
      said.Retrieval !== "correct" &&
      said["Fine-tuned on the facts"] !== "correct",
  },
  size: {
    label: "The two models disagree",
    holds: (_said, answers) =>
      answers.some((one) => answers.some((other) => other.arm === one.arm && other.verdict !== one.verdict)),
  },
  none: { label: "No rung is correct", holds: (said) => !Object.values(said).includes("correct") },
}
const COMPARED = "135M" // the model that was asked in every arm
// What is shown at first: words that nothing was trained on, and the questions that tell the rungs apart.
const FIRST = { wording: "paraphrase", filter: "disagree" }

/** The questions that a filter leaves, in their order. */
export function filtered(questions, filter) {
  return questions.filter(({ answers }) => {
    const said = Object.fromEntries(
      answers.filter(({ model }) => model === COMPARED).map(({ arm, verdict }) => [arm, verdict]),
    )
    return FILTERS[filter].holds(said, answers)
  })
}

/** What an address asks for; whatever nobody offers counts as not said. */
export function readChoice(parameters) {
  const known = (name, offered, otherwise) =>
    Object.hasOwn(offered, parameters.get(name) ?? "") ? parameters.get(name) : otherwise
  return {
    wording: known("asked", WORDINGS, FIRST.wording),
    filter: known("only", FILTERS, FIRST.filter),
    question: parameters.get("question") ?? "",
  }
}

/** The same as an address holds it; what is shown anyway is left out. */
export function writeChoice({ wording, filter, question }) {
  return {
    ...(wording === FIRST.wording ? {} : { asked: wording }),
    ...(filter === FIRST.filter ? {} : { only: filter }),
    ...(question ? { question } : {}),
  }
}

/** The place of a question among those shown; of one that is not there, the first. */
export function placeOf(questions, id) {
  return Math.max(
    0,
    questions.findIndex((one) => one.id === id),
  )
}

/** The answers as a table: for each arm, in the order recorded, its answer by model. */
export function byArm(answers) {
  const rows = new Map()
  for (const one of answers) rows.set(one.arm, { ...rows.get(one.arm), [one.model]: one })
  return [...rows]
}
