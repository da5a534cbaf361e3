// What the rules in rules.json make of a set of answers. scripts/pages/decide.py reads the same rules, and a test holds the
// two readings together. No page is needed.

/** The answer that stands for no answer. */
export const UNKNOWN = "unknown"

/** Whether an entry's `when` holds. A question without an answer counts as "I don't know". */
export function holds(entry, answers) {
  return entry.when.some((clause) =>
    Object.entries(clause).every(([question, those]) => those.includes(answers[question] ?? UNKNOWN)),
  )
}

/**
 * What the rules say about a set of answers: the design, and the ids or indices of all that is shown beside it.
 * @param {Object} data  rules.json
 * @param {Object<string, string>} answers  by question
 */
export function decide(data, answers) {
  const designs = data.designs.map((design) => design.id)
  const fired = data.rules.filter((rule) => holds(rule, answers))
  const barred = new Set(fired.filter((rule) => rule.kind === "bar").flatMap((rule) => rule.designs))
  const open = designs.map((id) => fired.filter((rule) => rule.kind === "need" && rule.designs.includes(id)).length)
  const allowed = designs.filter((id) => !barred.has(id))
  const openOf = (id) => open[designs.indexOf(id)]
  const design = allowed.reduce((best, id) => (openOf(id) < openOf(best) ? id : best)) // on a tie the simpler stays
  const first = (kind) => data[kind].findIndex((entry) => entry.designs.includes(design) && holds(entry, answers))
  return {
    design,
    fired: fired.map((rule) => rule.id),
    barred: designs.filter((id) => barred.has(id)),
    open,
    reasons: fired.filter((rule) => !rule.designs.includes(design)).map((rule) => rule.id),
    against: first("against"),
    experiment: first("experiments"),
    review: data.reviews.findIndex((entry) => holds(entry, answers)),
  }
}

/** Each single answer that would change the recommendation, as [question, answer, the design it leads to]. */
export function oneAnswerAway(data, answers) {
  const before = decide(data, answers).design
  return data.questions.flatMap((question) =>
    question.answers
      .filter((answer) => answer.id !== UNKNOWN)
      .map((answer) => [question.id, answer.id, decide(data, { ...answers, [question.id]: answer.id }).design])
      .filter(([, , after]) => after !== before),
  )
}

/** The answers that an address holds, and whether it held any that do not exist. */
export function answersIn(data, parameters) {
  const answers = {}
  let malformed = false
  for (const question of data.questions) {
    const given = parameters.getAll(question.id)
    if (!given.length) continue
    if (given.length === 1 && question.answers.some((answer) => answer.id === given[0])) answers[question.id] = given[0]
    else malformed = true
  }
  return { answers, malformed }
}

/** The answers in the order of the questions, so that the same answers give the same address. */
export function inOrder(data, answers) {
  return Object.fromEntries(data.questions.filter(({ id }) => answers[id]).map(({ id }) => [id, answers[id]]))
}
