// What the rules in rules.json make of a set of answers. tests/unit/decide_reference.py is a second reading of
// the same rules, and a test holds the two together. No page is needed.

/** The answer that stands for no answer. */
export const UNKNOWN = "unknown"

const MOST_EXPERIMENTS = 3

/** Whether an entry's `when` holds. A question without an answer counts as "I don't know". */
export function holds(entry, answers) {
  return entry.when.some((clause) =>
    Object.entries(clause).every(([question, those]) => those.includes(answers[question] ?? UNKNOWN)),
  )
}

const isAlways = (entry) => entry.when.some((clause) => !Object.keys(clause).length)

/** How the designs stand: which are ruled out, which have to wait, how many needs each leaves open, and the best two. */
function weigh(data, answers) {
  const designs = data.designs.map((design) => design.id)
  const fired = data.rules.filter((rule) => holds(rule, answers))
  const named = (kind) => new Set(fired.filter((rule) => rule.kind === kind).flatMap((rule) => rule.designs))
  const barred = named("bar")
  const waiting = named("wait")
  const open = designs.map((id) => fired.filter((rule) => rule.kind === "need" && rule.designs.includes(id)).length)
  const openOf = (id) => open[designs.indexOf(id)]
  const best = (those) => those.reduce((one, other) => (openOf(other) < openOf(one) ? other : one)) // a tie: the simpler
  const allowed = designs.filter((id) => !barred.has(id))
  return {
    fired,
    open,
    barred: designs.filter((id) => barred.has(id)),
    waiting: allowed.filter((id) => waiting.has(id)),
    direction: best(allowed),
    design: best(allowed.filter((id) => !waiting.has(id))),
  }
}

/** The experiments to make, the first one first: those that fit the design to build now and the one pointed to. */
function experimentsFor(data, answers, designs) {
  const fit = (design) => {
    const those = data.experiments.filter((entry) => entry.designs.includes(design) && holds(entry, answers))
    const special = those.filter((entry) => !isAlways(entry))
    return special.length ? special : those.slice(0, 1)
  }
  const found = new Set(designs.flatMap(fit).map((entry) => data.experiments.indexOf(entry)))
  return [...found].slice(0, MOST_EXPERIMENTS)
}

/**
 * What the rules say about a set of answers: `design`, which may be built now; `direction`, where the answers point;
 * `ifShort`, where they would point if prompting, not yet measured, fell short, or null where that is the same; and the
 * ids or indices of all that is shown beside them.
 * @param {Object} data  rules.json
 * @param {Object<string, string>} answers  by question
 */
export function decide(data, answers) {
  const { fired, open, barred, waiting, direction, design } = weigh(data, answers)
  const holding = (kind) => data[kind].flatMap((entry, index) => (holds(entry, answers) ? [index] : []))
  const short = holds(data.ifShort, answers)
    ? weigh(data, { ...answers, ...data.ifShort.answers }).direction
    : direction
  return {
    design,
    direction,
    ifShort: short === direction ? null : short,
    fired: fired.map((rule) => rule.id),
    barred,
    waiting,
    open,
    reasons: fired.filter((rule) => !rule.designs.includes(direction)).map((rule) => rule.id),
    waits: fired.filter((rule) => rule.kind === "wait" && rule.designs.includes(direction)).map((rule) => rule.id),
    against: holding("against").find((index) => data.against[index].designs.includes(direction)),
    experiments: experimentsFor(data, answers, [design, direction]),
    cheaper: holding("cheaper").filter((index) => data.cheaper[index].designs.includes(direction)),
    conflicts: holding("conflicts"),
    review: holding("reviews")[0],
  }
}

/** Each single answer that would change where the answers point, as [question, answer, the design it leads to]. */
export function oneAnswerAway(data, answers) {
  const before = weigh(data, answers).direction
  return data.questions.flatMap((question) =>
    question.answers
      .filter((answer) => answer.id !== UNKNOWN)
      .map((answer) => [question.id, answer.id, weigh(data, { ...answers, [question.id]: answer.id }).direction])
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
