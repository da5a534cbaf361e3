// The decision ladder: twelve answers, and what the rules in decide/rules.json make of them as you give them.
// tests/support/decide.py reads the same rules; the tests hold the two readings together.

import { addStyle, download, element, onAddressChange, readAddress, writeAddress } from "./shared.js"

const SITE = new URL("../../", import.meta.url)
const UNKNOWN = "unknown"
let loading

/** The rules, fetched once. */
export function loadRules() {
  loading ??= fetch(new URL("decide/rules.json", import.meta.url)).then((response) => {
    if (!response.ok) throw new Error(`rules.json: ${response.status}`)
    return response.json()
  })
  loading.catch(() => (loading = undefined))
  return loading
}

/** Whether an entry's `when` holds. A question without an answer counts as "I don't know". */
export function holds(entry, answers) {
  return entry.when.some((clause) =>
    Object.entries(clause).every(([name, those]) => those.includes(answers[name] ?? UNKNOWN)),
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

// Words ---------------------------------------------------------------------

const byId = (list, id) => list.find((one) => one.id === id)
const nameOf = (data, id) => byId(data.designs, id).name
const labelOf = (data, question, answer) => byId(byId(data.questions, question).answers, answer).label
const isHigher = (data, id, than) => data.designs.findIndex((one) => one.id === id) > data.designs.findIndex((one) => one.id === than)
const unknownIn = (data, answers) => data.questions.filter((question) => (answers[question.id] ?? UNKNOWN) === UNKNOWN)
const plural = (count, one, many) => `${count} ${count === 1 ? one : many}`

/** The address of a page of the guide, such as `ladder/rag.md#what-it-fixes`. */
function addressOf(page) {
  const [file, section] = page.split("#")
  const folder = file.replace(/\.md$/, "/").replace(/(^|\/)index\/$/, "$1")
  return new URL(folder + (section ? `#${section}` : ""), SITE).href
}

/** How a design stands: one sentence. */
function standing(data, result, answers, id) {
  if (id === result.design) return "recommended"
  const out = data.rules.filter((rule) => rule.kind === "bar" && rule.designs.includes(id) && result.fired.includes(rule.id))
  if (out.length) return `ruled out by ${plural(out.length, "rule", "rules")}`
  const open = result.open[data.designs.findIndex((one) => one.id === id)]
  const here = result.open[data.designs.findIndex((one) => one.id === result.design)]
  if (open === here) return "would do as much, and is less simple"
  return `leaves ${plural(open - here, "more need", "more needs")} open`
}

/** The rules that speak for the recommendation: needs it meets first, then what rules other designs out. */
function reasonsFor(data, result) {
  const rules = result.reasons.map((id) => byId(data.rules, id))
  const last = "custom-needs-all-of-it" // holds nearly always: worth saying only where nothing else keeps you from rung 4
  const others = rules.some((rule) => rule.id !== last && rule.kind === "bar" && rule.designs.includes("custom"))
  const shown = rules.filter((rule) => rule.id !== last || !others)
  return [...shown.filter((rule) => rule.kind === "need"), ...shown.filter((rule) => rule.kind === "bar")]
}

/** What a rule does, in words. */
function effect(data, rule) {
  const names = data.designs.filter((one) => rule.designs.includes(one.id)).map((one) => one.name.toLowerCase().replace("(rag)", "(RAG)"))
  return `${rule.kind === "bar" ? "Rules out" : "Left open by"} ${new Intl.ListFormat("en-GB").format(names)}.`
}

const openNeeds = (data, result) =>
  data.rules.filter((rule) => rule.kind === "need" && result.fired.includes(rule.id) && rule.designs.includes(result.design))

// The decision record ---------------------------------------------------------

const MARKS = /[\\`*_{}[\]<>#|~&!]/g
/** What somebody typed, as one line of Markdown that is text and nothing else. */
function plain(text) {
  const line = text.slice(0, 400).toWellFormed?.() ?? text.slice(0, 400)
  const visible = line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ").trim().slice(0, 120)
  return visible.replace(MARKS, (mark) => (mark === "<" ? "&lt;" : mark === "&" ? "&amp;" : `\\${mark}`))
}

/**
 * The decision record in Markdown.
 * @param {{name: string, today: Date, address: string}} about  what it is for, the day, the address that shows it again
 */
export function record(data, answers, { name, today, address }) {
  const result = decide(data, answers)
  const design = byId(data.designs, result.design)
  const review = data.reviews[result.review]
  const day = (weeks) => new Date(today.getTime() + weeks * 7 * 86_400_000).toISOString().slice(0, 10)
  const link = (page) => addressOf(page)
  const program = (entry) => (entry.program ? ` Program: [${entry.program.split("/").pop()}](${new URL(`snippets/${entry.program}`, SITE)}).` : "")
  const asReason = (rule) => `- ${rule.reason} ([${rule.claim}](${link(`evidence/claims.md#${rule.claim.toLowerCase()}`)}), [evidence](${link(rule.page)}))`
  const experiment = data.experiments[result.experiment]
  const open = openNeeds(data, result)
  const missing = unknownIn(data, answers)
  return [
    `# Decision: ${design.name}${plain(name) ? `, for ${plain(name)}` : ""}`,
    "",
    `- Date: ${day(0)}`,
    "- Status: proposed",
    `- Review: ${day(review.weeks)} (${review.text})`,
    `- Made with: [the decision ladder](${address})`,
    "",
    "## Context",
    "",
    ...data.questions.map((question) => `- ${question.label} **${labelOf(data, question.id, answers[question.id] ?? UNKNOWN)}**`),
    "",
    "## Options",
    "",
    ...data.designs.map((one) => `- ${one.name}: ${standing(data, result, answers, one.id)}`),
    "",
    "## Decision",
    "",
    `${design.name}. ${design.says}`,
    "",
    "## Reasons",
    "",
    ...reasonsFor(data, result).map(asReason),
    "",
    ...(open.length ? ["What it leaves open:", "", ...open.map(asReason), ""] : []),
    "## The strongest argument against",
    "",
    data.against[result.against].text,
    "",
    "## Evidence to collect",
    "",
    `- [ ] Next: ${experiment.text} [How](${link(experiment.page)}).${program(experiment)}`,
    ...missing.map((question) => `- [ ] ${question.short}: ${question.measure.text} [How](${link(question.measure.page)}).${program(question.measure)}`),
    "",
    `What would move us up: ${design.up}`,
    "",
    `What would move us down: ${design.down}`,
    "",
    "## What this does not know",
    "",
    ...data.limits.map((limit) => `- ${limit}`),
    "",
  ].join("\n")
}

// The page --------------------------------------------------------------------

const pageLink = (page, words) => element("a", { href: addressOf(page) }, words)
const claimLink = (claim) => element("a", { class: "claim", href: addressOf(`evidence/claims.md#${claim.toLowerCase()}`) }, claim)
const programLink = (name) => element("a", { href: new URL(`snippets/${name}`, SITE).href, download: true }, element("code", {}, name.split("/").pop()))

/** Links to where something is shown and to the program that runs it. */
function sources(entry, words) {
  return element("span", { class: "decide-sources" }, entry.claim ? claimLink(entry.claim) : null, pageLink(entry.page, words), entry.program ? programLink(entry.program) : null)
}

const section = (title, ...children) => element("section", {}, element("h3", {}, title), ...children)
const list = (items) => element("ul", {}, ...items.map((item) => element("li", {}, ...[item].flat())))

/** The five designs as rungs, the highest at the top as on a ladder. */
function ladder(data, result, answers) {
  const rungs = [...data.designs].reverse().map((design) => {
    const state = design.id === result.design ? "is-here" : result.barred.includes(design.id) ? "is-out" : ""
    return element("li", { class: `decide-rung ${state}`, "data-design": design.id },
      element("span", { class: "decide-rung-name" }, design.name),
      element("span", { class: "decide-rung-state" }, standing(data, result, answers, design.id)))
  })
  return element("ol", { class: "decide-ladder", "aria-label": "The five designs, highest first" }, ...rungs)
}

/** Single answers that would change the result, by the design they lead to. */
function flips(data, answers, result) {
  const found = oneAnswerAway(data, answers)
  const lines = data.designs
    .map((design) => [design, found.filter(([, , after]) => after === design.id)])
    .filter(([, those]) => those.length)
    .map(([design, those]) => {
      const questions = data.questions.filter(({ id }) => those.some(([question]) => question === id))
      const parts = questions.flatMap(({ id, short }, index) => {
        const labels = those.filter(([question]) => question === id).map(([, answer]) => labelOf(data, id, answer))
        return [index ? "; " : "", element("em", {}, short), `: “${labels.join("” or “")}”`]
      })
      const way = isHigher(data, design.id, result.design) ? "Up" : "Down"
      return [element("strong", {}, `${way} to ${design.name}`), " if one answer were ", ...parts, "."]
    })
  return lines.length ? list(lines) : element("p", {}, "No single other answer would change the result.")
}

/** Everything below the questions. */
function details(data, answers, result) {
  const design = byId(data.designs, result.design)
  const experiment = data.experiments[result.experiment]
  const open = openNeeds(data, result)
  const missing = unknownIn(data, answers)
  const asItem = (rule) => [rule.reason, " ", element("span", { class: "decide-effect" }, effect(data, rule), " ", sources(rule, "where it is shown"))]
  return [
    section("Reasons", list(reasonsFor(data, result).map(asItem))),
    open.length ? section("What it leaves open", list(open.map(asItem))) : null,
    section("The strongest argument against", element("p", {}, data.against[result.against].text)),
    section("The cheapest next experiment",
      element("p", {}, experiment.text, " ", sources(experiment, "how"))),
    section("What would move you",
      list([[element("strong", {}, "Up. "), design.up], [element("strong", {}, "Down. "), design.down]]),
      flips(data, answers, result)),
    missing.length ? section("Measure this first",
      list(missing.map((question) => [element("strong", {}, `${question.short}: `), question.measure.text, " ", sources(question.measure, "how")]))) : null,
    section("What it does not know", list(data.limits)),
  ]
}

/** Builds the tool; returns nothing and throws nothing. */
export async function mount(place) {
  addStyle("tools.css")
  addStyle("decide.css")
  try {
    const data = await loadRules()
    if (place.isConnected) build(place, data)
  } catch {
    place.replaceChildren(element("p", { class: "tool-message is-error", role: "alert" },
      "The rules could not be fetched: reload the page, or use the tables below, which say the same."))
  }
  place.style.minHeight = ""
}

function build(place, data) {
  let { answers, malformed } = answersIn(data, readAddress())

  const status = element("p", { role: "status", class: "tool-result" })
  const count = element("p", { class: "tool-hint" })
  const rungs = element("div", { class: "decide-rungs" })
  const message = element("p", { class: "tool-message is-error", role: "alert" })
  const result = element("div", { class: "decide-details" })
  const says = element("p")
  const headline = element("p", { class: "tool-result" })
  const preview = element("pre", { tabindex: "0", "aria-label": "The decision record" })
  const said = element("p", { class: "tool-hint", role: "status" })
  const name = element("input", { type: "text", id: "decide-name", maxlength: "400", autocomplete: "off", oninput: showRecord })

  const choices = data.questions.map((question, index) => {
    const inputs = question.answers.map((answer) =>
      element("input", { type: "radio", name: `decide-${question.id}`, value: answer.id, onchange: () => choose(question.id, answer.id) }))
    const measure = element("div", { class: "tool-message decide-measure", hidden: true },
      element("strong", {}, "Measure this first. "), question.measure.text, " ", sources(question.measure, "how"))
    const set = element("fieldset", { class: "tool-choices", id: `decide-${question.id}` },
      element("legend", {}, `${index + 1}. ${question.label}`),
      ...question.answers.map((answer, at) =>
        element("label", { class: `tool-choice ${answer.id === UNKNOWN ? "is-unknown" : ""}` }, inputs[at], element("span", {}, answer.label))),
      measure)
    return { question, inputs, measure, set }
  })
  const presets = data.scenarios.map((scenario) =>
    element("button", { type: "button", class: "tool-button", "data-scenario": scenario.id, onclick: () => take(scenario.answers) }, scenario.name))
  const groups = data.groups.map((title, index) =>
    element("section", { class: "decide-group" }, element("h2", {}, title), ...choices.filter(({ question }) => question.group === index).map(({ set }) => set)))
  const resultId = "decide-result"

  const tool = element("div", { class: "tool decide" },
    message,
    element("div", { class: "decide-start" },
      element("p", { id: "decide-presets" }, "Answer what you can. Or begin with a scenario of the guide and change it:"),
      element("div", { class: "tool-row is-controls decide-presets", role: "group", "aria-labelledby": "decide-presets" }, ...presets,
        element("button", { type: "button", class: "tool-button decide-clear", onclick: () => take({}) }, "Clear all"))),
    element("div", { class: "decide-columns" },
      element("form", { class: "decide-questions", "aria-label": "Twelve questions", onsubmit: (event) => event.preventDefault() }, ...groups),
      element("aside", { class: "decide-summary", "aria-label": "So far" },
        element("div", { class: "tool-card is-result" },
          status, count, rungs,
          element("button", { type: "button", class: "tool-button", onclick: goToResult }, "See why")))),
    element("section", { class: "decide-result", id: resultId, tabindex: "-1", "aria-labelledby": "decide-heading" },
      element("h2", { id: "decide-heading" }, "What the rules say"),
      element("div", { class: "tool-card is-result" }, headline, says),
      result,
      element("section", { class: "decide-record" },
        element("h3", {}, "Decision record"),
        element("p", {}, "The whole of it as Markdown, for your repository or your meeting. Nothing you type leaves this page."),
        element("div", { class: "tool-field" }, element("label", { for: "decide-name" }, "What is it for? (optional)"), name),
        element("div", { class: "tool-row is-controls" },
          element("button", { type: "button", class: "tool-button is-main", onclick: copy }, "Copy the record"),
          element("button", { type: "button", class: "tool-button", onclick: save }, "Download it")),
        said,
        element("details", { class: "decide-preview" }, element("summary", {}, "Read it here"), preview))))

  function choose(question, answer) {
    answers = { ...answers, [question]: answer }
    malformed = false
    writeAddress(ordered())
    show()
  }

  function take(given) {
    answers = { ...given }
    malformed = false
    writeAddress(ordered(), true)
    show()
  }

  /** The answers in the order of the questions, so that the same answers give the same address. */
  function ordered() {
    return Object.fromEntries(data.questions.filter(({ id }) => answers[id]).map(({ id }) => [id, answers[id]]))
  }

  function goToResult() {
    const target = place.querySelector(`#${resultId}`)
    target.scrollIntoView()
    target.focus({ preventScroll: true })
  }

  function markdown() {
    const address = new URL(location.pathname, location.href)
    address.search = new URLSearchParams(ordered()).toString()
    return record(data, answers, { name: name.value, today: new Date(), address: address.href })
  }

  function showRecord() {
    preview.textContent = markdown()
    said.textContent = ""
  }

  async function copy() {
    try {
      await navigator.clipboard.writeText(markdown())
      said.textContent = "Copied."
    } catch {
      place.querySelector(".decide-preview").open = true
      getSelection().selectAllChildren(preview)
      said.textContent = "The browser does not let this page copy: the record is selected below, so press Ctrl+C, or Cmd+C on a Mac."
    }
  }

  function save() {
    download(`decision-${decide(data, answers).design}.md`, markdown())
    said.textContent = "Downloaded."
  }

  function show() {
    const found = decide(data, answers)
    const design = byId(data.designs, found.design)
    const answered = data.questions.filter(({ id }) => answers[id]).length
    message.textContent = malformed ? "The address held answers that do not exist, so those questions are left open." : ""
    for (const { question, inputs, measure } of choices) {
      for (const input of inputs) input.checked = answers[question.id] === input.value
      measure.hidden = answers[question.id] !== UNKNOWN
    }
    for (const [index, scenario] of data.scenarios.entries()) {
      const same = data.questions.every(({ id }) => answers[id] === scenario.answers[id])
      presets[index].setAttribute("aria-pressed", String(same))
    }
    const headlineText = answered ? `So far: ${design.name}` : `To begin with: ${design.name}`
    if (status.textContent !== headlineText) status.textContent = headlineText
    count.textContent = answered === data.questions.length
      ? `All ${answered} answered.`
      : `${answered} of ${data.questions.length} answered. The others count as “I don't know”.`
    rungs.replaceChildren(ladder(data, found, answers))
    headline.textContent = design.name
    says.replaceChildren(design.says, " ", pageLink(design.page, "Read about it"), ".")
    result.replaceChildren(...details(data, answers, found).filter(Boolean))
    showRecord()
  }

  onAddressChange(place, () => {
    ;({ answers, malformed } = answersIn(data, readAddress()))
    show()
  })
  // All is filled in before it stands on the page, where each change would be styled and looked through at once.
  show()
  place.replaceChildren(tool)
}
