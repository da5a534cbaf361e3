// The mock interview: a prompt, two minutes, then the rubric. The reader scores each point; what was left out comes back
// first. All is kept on this device. Comparing an answer by meaning is in coverage.js, fetched when the reader asks for it.

import { addStyle, download, element, onAddressChange, readAddress, writeAddress } from "./shared.js"

const MINUTES = 2
const MARKS = [
  [0, "Two minutes are over. Finish your sentence."],
  [15, "Fifteen seconds left."],
  [60, "One minute left."],
] // said aloud once each, the latest that applies
// Leitner's boxes: a point said moves one box up, a point left out goes back to the first. A box waits so long (ours):
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
export const WAITS = [10 * MINUTE, DAY, 2 * DAY, 4 * DAY, 8 * DAY]

const STORE = "prompt-retrieve-tune.practice"
const UNREADABLE = `${STORE}.unreadable`
const ATTEMPT = `${STORE}.attempt.`
const LARGEST_FILE = 1_000_000
const SAY = { said: "I said it", left: "I left it out" }

let data // the prompts, fetched once for all visits to the page

function prompts() {
  data ??= fetch(new URL("practice/prompts.json", import.meta.url)).then((answer) => {
    if (!answer.ok) throw new Error(`${answer.status}`)
    return answer.json()
  })
  data.catch(() => (data = undefined))
  return data
}

/* What is kept on the device ------------------------------------------------------------------------------------- */

const pointKey = (prompt, point) => `${prompt.id}/${point.id}`

/**
 * Reads progress, as it is stored or exported. Never throws.
 * @param {string} text
 * @param {Set<string>} keys  the points there are
 * @param {number} now
 * @returns {{points: Map<string, {box: number, at: number}>, broken: boolean}}  `broken`: some or all of it means nothing
 */
export function parseProgress(text, keys, now = Date.now()) {
  const points = new Map()
  let broken = false
  try {
    const read = JSON.parse(text)
    if (read?.version !== 1 || read.points === null || typeof read.points !== "object" || Array.isArray(read.points)) {
      return { points, broken: true }
    }
    for (const [key, value] of Object.entries(read.points)) {
      const right = Number.isInteger(value?.box) && value.box >= 1 && value.box <= WAITS.length
      if (!right || !Number.isFinite(value.at) || value.at < 0) broken = true
      else if (keys.has(key)) points.set(key, { box: value.box, at: Math.min(value.at, now) }) // others: retired prompts
    }
  } catch {
    broken = true
  }
  return { points, broken }
}

/** The box after one more attempt: one up, or back to the first. A point never tried starts in the second when said. */
export function nextBox(box, said) {
  return said ? Math.min((box ?? 1) + 1, WAITS.length) : 1
}

const isDue = (kept, now) => kept.at + WAITS[kept.box - 1] <= now

/** How much a prompt is in need of another round: its points that are due, those in low boxes counting most. */
export function need(prompt, points, now = Date.now()) {
  let sum = 0
  for (const point of prompt.rubric) {
    const kept = points.get(pointKey(prompt, point))
    if (kept && isDue(kept, now)) sum += WAITS.length + 1 - kept.box
  }
  return sum
}

const isNew = (prompt, points) => prompt.rubric.every((point) => !points.has(pointKey(prompt, point)))

const dueAt = (prompt, points) =>
  Math.min(...prompt.rubric.map((point) => points.get(pointKey(prompt, point))).filter(Boolean).map((kept) => kept.at + WAITS[kept.box - 1]))

/** The prompts from easy to hard, and within a level one of each kind in turn. */
export function inOrder(list) {
  const groups = new Map()
  for (const prompt of list) {
    const key = `${prompt.level} ${prompt.kind}`
    groups.set(key, [...(groups.get(key) ?? []), prompt])
  }
  const place = (prompt) => groups.get(`${prompt.level} ${prompt.kind}`).indexOf(prompt)
  return [...list].sort((a, b) => a.level - b.level || place(a) - place(b))
}

/**
 * What to ask next: first what is due, most in need first; then what is new; then what will be due soonest.
 * @param {Set<string>} passed  prompts shown on this visit, which wait their turn unless they are due
 */
export function pickNext(list, points, current, passed, now = Date.now()) {
  const others = list.length > 1 ? list.filter((prompt) => prompt.id !== current) : list
  const due = others.filter((prompt) => need(prompt, points, now) && !passed.has(prompt.id))
  if (due.length) return due.reduce((best, prompt) => (need(prompt, points, now) > need(best, points, now) ? prompt : best))
  const fresh = inOrder(others.filter((prompt) => isNew(prompt, points)))
  const unpassed = fresh.find((prompt) => !passed.has(prompt.id))
  if (unpassed) return unpassed
  const known = others.filter((prompt) => !isNew(prompt, points) && !passed.has(prompt.id))
  if (known.length) return known.reduce((best, prompt) => (dueAt(prompt, points) < dueAt(best, points) ? prompt : best))
  for (const prompt of others) passed.delete(prompt.id)
  return pickNext(list, points, current, passed, now)
}

/** Storage that may be missing, full or forbidden. */
function attemptTo(storage, task) {
  try {
    return task(globalThis[storage])
  } catch {
    return undefined
  }
}

function openProgress(keys) {
  const progress = { points: new Map(), kept: true, note: "" }
  const readBack = () => {
    const text = attemptTo("localStorage", (store) => store.getItem(STORE))
    if (text === null) return (progress.points = new Map())
    if (text === undefined) return (progress.kept = false)
    const { points, broken } = parseProgress(text, keys)
    if (broken) {
      attemptTo("localStorage", (store) => store.setItem(UNREADABLE, text))
      progress.note = points.size
        ? "Part of the progress kept on this device could not be read and was left out. Its old text is in the export."
        : "The progress kept on this device could not be read, so this starts fresh. Its old text is in the export."
    }
    progress.points = points
    if (broken) progress.save()
  }
  progress.text = () => {
    const unreadable = attemptTo("localStorage", (store) => store.getItem(UNREADABLE))
    const points = Object.fromEntries(progress.points)
    return JSON.stringify(unreadable ? { version: 1, points, unreadable } : { version: 1, points }, null, 1)
  }
  progress.save = () => {
    const text = JSON.stringify({ version: 1, points: Object.fromEntries(progress.points) })
    progress.kept = attemptTo("localStorage", (store) => (store.setItem(STORE, text), true)) ?? false
  }
  progress.erase = () => {
    progress.points = new Map()
    progress.note = ""
    attemptTo("localStorage", (store) => [STORE, UNREADABLE].forEach((key) => store.removeItem(key)))
    attemptTo("sessionStorage", (store) => {
      for (const key of Object.keys(store)) if (key.startsWith(ATTEMPT)) store.removeItem(key)
    })
  }
  progress.readBack = readBack
  readBack()
  return progress
}

/** One try at a prompt, kept in this tab so that a link to a page, a reload or Back does not lose it. */
function readAttempt(prompt) {
  const fresh = { answer: "", shown: false, verdicts: {}, before: null }
  const text = attemptTo("sessionStorage", (store) => store.getItem(ATTEMPT + prompt.id))
  try {
    const read = JSON.parse(text ?? "null")
    if (typeof read?.answer !== "string") return fresh
    const attempt = { ...fresh, answer: read.answer, shown: read.shown === true, before: {} }
    for (const { id } of prompt.rubric) {
      if (Object.hasOwn(SAY, read.verdicts?.[id])) attempt.verdicts[id] = read.verdicts[id]
      const box = read.before?.[id]
      attempt.before[id] = Number.isInteger(box) && box >= 1 && box <= WAITS.length ? box : null
    }
    return attempt
  } catch {
    return fresh
  }
}

/* Small parts ---------------------------------------------------------------------------------------------------- */

const count = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`

function pageAddress(path) {
  const [file, anchor] = path.split("#")
  const page = file.replace(/(^|\/)index\.md$/, "$1").replace(/\.md$/, "/")
  return new URL(`../../${page}${anchor ? `#${anchor}` : ""}`, import.meta.url).href
}

/** Text with [words](page.md#part) as nodes: the links become links, the rest stays text. */
function withLinks(text) {
  const parts = text.split(/\[([^\]]+)\]\(([^)\s]+)\)/)
  return parts.map((part, index) => {
    if (index % 3 === 0) return part
    return index % 3 === 1 ? element("a", { href: pageAddress(parts[index + 1]) }, part) : null
  })
}

const paragraphs = (text) => text.split("\n\n").map((part) => element("p", {}, withLinks(part)))

function makeTimer(say) {
  const face = element("span", { class: "practice-clock", role: "timer", "aria-label": "Time left" })
  const bar = element("span", { class: "practice-bar", "aria-hidden": "true" }, element("span"))
  const button = element("button", { type: "button", class: "tool-button", onclick: () => (running ? pause() : start()) })
  const again = element("button", { type: "button", class: "tool-button", onclick: () => reset(true) }, "Back to 2:00")
  const whole = MINUTES * MINUTE
  let left = whole
  let running = 0
  let since = 0
  let told = Infinity

  const now = () => (running ? left - (performance.now() - since) : left)
  function show() {
    const rest = now()
    const seconds = Math.max(0, Math.ceil(rest / 1000))
    const over = Math.max(0, Math.floor(-rest / 1000))
    face.textContent = over ? `+${clock(over)}` : clock(seconds)
    bar.firstChild.style.width = `${(100 * Math.max(0, rest)) / whole}%`
    button.textContent = running ? "Pause" : left < whole ? "Go on" : "Start the clock"
    again.hidden = left === whole && !running
  }
  function tick() {
    if (!face.isConnected) return halt()
    const seconds = Math.ceil(now() / 1000)
    for (const [mark, words] of MARKS) {
      if (seconds <= mark && told > mark) {
        told = mark
        say(words)
        break
      }
    }
    show()
  }
  function halt() {
    clearInterval(running)
    running = 0
  }
  function start() {
    since = performance.now()
    running = setInterval(tick, 250)
    if (left === whole) say("The clock runs: two minutes.")
    show()
  }
  function pause(silent = false) {
    if (!running) return
    left = now()
    halt()
    if (!silent) say(`Paused with ${clock(Math.max(0, Math.ceil(left / 1000)))} left.`)
    show()
  }
  function reset(spoken = false) {
    halt()
    left = whole
    told = Infinity
    if (spoken) {
      say("The clock is back at two minutes.")
      button.focus()
    }
    show()
  }
  reset()
  const row = element("div", { class: "practice-timer", role: "group", "aria-label": "Clock" }, face, bar, button, again)
  return { row, reset, pause, taken: () => Math.round((whole - now()) / 1000) }
}

/* The tool ------------------------------------------------------------------------------------------------------- */

/** Builds the mock interview into its place on the page. */
export async function mount(place) {
  addStyle("tools.css")
  addStyle("practice.css")
  place.replaceChildren(element("p", { class: "tool-message is-error" }, "Fetching the prompts."))
  let all
  try {
    all = await prompts()
  } catch {
    place.replaceChildren(element("p", { class: "tool-message is-error", role: "status" }, "The prompts could not be fetched. All of them are below, as text."))
    return
  }
  if (!place.isConnected) return

  const everything = [all.drill, ...all.prompts]
  const keys = new Set(everything.flatMap((prompt) => prompt.rubric.map((point) => pointKey(prompt, point))))
  const named = (list, id) => list.find((one) => one.id === id)
  const progress = openProgress(keys)
  const passed = new Set()
  let prompt
  let attempt
  let filter = { kind: "", level: "" }

  const status = element("p", { class: "visually-hidden", role: "status", "aria-live": "polite" })
  const say = (words) => {
    status.textContent = ""
    setTimeout(() => (status.textContent = words), 50)
  }
  const timer = makeTimer(say)
  const note = element("p", { class: "tool-message is-error", hidden: true })
  const tell = (words) => {
    note.textContent = words
    note.hidden = !words
    if (words) say(words)
  }
  const matching = () =>
    all.prompts.filter((one) => (!filter.kind || one.kind === filter.kind) && (!filter.level || `${one.level}` === filter.level))
  const nextOf = (current) => {
    const found = matching()
    const pool = found.length ? found : all.prompts
    const drill = pool.length === all.prompts.length && need(all.drill, progress.points) ? [all.drill] : []
    return pickNext([...drill, ...pool], progress.points, current, passed)
  }

  /* Where we are, in the address */

  function readFilter(address) {
    const kind = address.get("kind") ?? ""
    const level = address.get("level") ?? ""
    filter = {
      kind: named(all.kinds, kind) ? kind : "",
      level: all.levels.some((one) => `${one.id}` === level) ? level : "",
    }
    return filter.kind === kind && filter.level === level
  }
  function toAddress(step) {
    const parameters = { prompt: prompt.id }
    if (filter.kind) parameters.kind = filter.kind
    if (filter.level) parameters.level = filter.level
    writeAddress(parameters, step)
  }
  function fromAddress() {
    const address = readAddress()
    const understood = readFilter(address)
    const id = address.get("prompt")
    const wanted = named(everything, id)
    show(wanted ?? nextOf(""), false)
    if (!understood || (id !== null && !wanted)) {
      tell("The address names something that is not here, so this is the next prompt for you.")
    }
  }

  /* Choosing */

  const choose = (label, onchange) => {
    const id = `practice-${label.toLowerCase()}`
    const select = element("select", { id, onchange: () => onchange(select.value) })
    return { select, field: element("div", { class: "tool-field" }, element("label", { for: id }, label), select) }
  }
  const byKind = choose("Kind", (value) => refilter({ kind: value }))
  const byLevel = choose("Level", (value) => refilter({ level: value }))
  const byName = choose("Prompt", (value) => value && go(named(everything, value)))
  byKind.select.append(
    element("option", { value: "" }, "Every kind"),
    ...all.kinds.map((kind) => element("option", { value: kind.id }, kind.name)),
  )
  byLevel.select.append(
    element("option", { value: "" }, "Every level"),
    ...all.levels.map((level) => element("option", { value: level.id }, `${level.name}: ${level.note}`)),
  )
  const chosen = element("summary")
  const chooser = element(
    "details",
    { "data-part": "choose" },
    chosen,
    element("div", { class: "practice-filters" }, byKind.field, byLevel.field, byName.field),
  )
  function refilter(change) {
    filter = { ...filter, ...change }
    const found = matching()
    if (found.length && !found.includes(prompt)) show(nextOf(prompt.id), true)
    else {
      toAddress(true)
      list()
    }
    tell(found.length ? "" : "There is no prompt of that kind at that level. Choose another.")
    if (found.length) say(`${count(found.length, "prompt")} to choose from.`)
  }
  function list() {
    byKind.select.value = filter.kind
    byLevel.select.value = filter.level
    const kind = filter.kind ? named(all.kinds, filter.kind).name : "every kind"
    const level = filter.level ? all.levels.find((one) => `${one.id}` === filter.level).name : "every level"
    chosen.textContent = `Choose: ${kind}, ${level}`
    const found = matching()
    const option = (one) => element("option", { value: one.id }, one.prompt)
    const groups = all.kinds.map((kind) => {
      const ours = found.filter((one) => one.kind === kind.id)
      return ours.length ? element("optgroup", { label: kind.name }, ours.map(option)) : null
    })
    const others = found.includes(prompt) ? [all.drill] : [...new Set([all.drill, prompt])]
    byName.select.replaceChildren(...groups.filter(Boolean), element("optgroup", { label: "Also" }, others.map(option)))
    byName.select.value = prompt.id
  }

  /* One prompt */

  const tags = element("p", { class: "practice-tags" })
  const question = element("h2", { class: "practice-question", id: "practice-question", tabindex: "-1" })
  const came = element("p", { class: "practice-came" })
  const answer = element("textarea", {
    id: "practice-answer",
    rows: "7",
    placeholder: " ",
    spellcheck: "true",
    "aria-describedby": "practice-answer-note",
    oninput: () => {
      attempt.answer = answer.value
      keepAttempt()
      words()
      if (compareBox) compareBox.hidden = !answer.value.trim()
    },
  })
  const counted = element("span")
  const reveal = element("button", { type: "button", class: "tool-button is-main", onclick: showRubric }, "Show the rubric")
  const another = element("button", { type: "button", class: "tool-button", onclick: next }, "Another prompt")
  const drill = element("button", { type: "button", class: "tool-button", onclick: () => go(all.drill) }, "Drill the ladder")
  const before = element("div", { class: "tool-row is-controls" }, reveal, another)
  const result = element("div", { class: "practice-result", hidden: true })

  function words() {
    const number = attempt.answer.trim() ? attempt.answer.trim().split(/\s+/).length : 0
    counted.textContent = number ? `${count(number, "word")}; two minutes aloud are about 280.` : ""
  }
  function keepAttempt() {
    attemptTo("sessionStorage", (store) => store.setItem(ATTEMPT + prompt.id, JSON.stringify(attempt)))
  }
  function show(wanted, step) {
    prompt = wanted
    passed.add(prompt.id)
    attempt = readAttempt(prompt)
    const level = named(all.levels, prompt.level)
    tags.textContent = prompt === all.drill ? "The drill" : `${named(all.kinds, prompt.kind).name} · ${level.name}`
    question.textContent = prompt.prompt
    const weak = prompt.rubric.filter((point) => progress.points.get(pointKey(prompt, point))?.box === 1)
    came.textContent = weak.length ? `Last time you left out ${weak.length === prompt.rubric.length ? "every point" : count(weak.length, "point")} of ${prompt.rubric.length}.` : ""
    came.hidden = !weak.length
    answer.value = attempt.answer
    words()
    timer.reset()
    tell("")
    toAddress(step)
    list()
    before.hidden = attempt.shown
    result.hidden = !attempt.shown
    result.replaceChildren()
    if (attempt.shown) fillResult()
    standing()
  }
  function go(wanted) {
    attemptTo("sessionStorage", (store) => readAttempt(wanted).shown && store.removeItem(ATTEMPT + wanted.id))
    show(wanted, true)
    question.focus({ preventScroll: true })
    card.scrollIntoView({ block: "start" })
  }
  function next() {
    go(nextOf(prompt.id))
  }

  /* The rubric */

  let rows = []
  let sum
  let compareBox
  function showRubric() {
    timer.pause(true)
    attempt.shown = true
    attempt.before = Object.fromEntries(
      prompt.rubric.map((point) => [point.id, progress.points.get(pointKey(prompt, point))?.box ?? null]),
    )
    keepAttempt()
    before.hidden = true
    result.hidden = false
    const title = fillResult(timer.taken())
    title.focus({ preventScroll: true })
    title.scrollIntoView({ block: "nearest" })
  }
  function judge(point, verdict) {
    attempt.verdicts[point.id] = verdict
    keepAttempt()
    const box = nextBox(attempt.before?.[point.id], verdict === "said")
    progress.points.set(pointKey(prompt, point), { box, at: Date.now() })
    progress.save()
    passed.delete(prompt.id) // it may come back on this visit, when its points are due
    summarise()
    standing()
  }
  function makeRow(point, index) {
    const id = `practice-point-${index}`
    const radios = Object.entries(SAY).map(([value, label]) => {
      const radio = element("input", {
        type: "radio",
        name: id,
        value,
        onchange: () => {
          judge(point, value)
        },
      })
      radio.checked = attempt.verdicts[point.id] === value
      return element("label", { class: "tool-choice" }, radio, element("span", {}, label))
    })
    const row = { point, hint: element("p", { class: "tool-hint" }), radios }
    row.box = element(
      "fieldset",
      { class: "tool-choices practice-point" },
      element("legend", {}, point.point),
      element("p", { class: "practice-such" }, `“${point.phrasings[0]}”`),
      element("div", { class: "practice-choices" }, radios),
      row.hint,
    )
    return row
  }
  function fillResult(taken = 0) {
    const title = element("h3", { tabindex: "-1" }, "Which of these did you say?")
    sum = element("p", { class: "practice-sum", role: "status", "aria-live": "polite" })
    rows = prompt.rubric.map(makeRow)
    compareBox = makeCompare()
    compareBox.hidden = !attempt.answer.trim()
    const links = [
      element("a", { href: pageAddress(prompt.page) }, "Where the guide says it"),
      ...prompt.claims.map((claim) => element("a", { href: pageAddress(`evidence/claims.md#${claim.toLowerCase()}`) }, claim)),
    ]
    result.replaceChildren(
      title,
      element("p", { class: "practice-came" }, taken > 0 ? `You took ${clock(taken)}. ` : "", "Be strict: nearly said is left out."),
      compareBox,
      ...rows.map((row) => row.box),
      sum,
      element("h3", {}, "A strong answer"),
      element("blockquote", { class: "practice-strong" }, paragraphs(prompt.answer)),
      element("h3", {}, "The next probe"),
      element("p", { class: "practice-probe" }, prompt.probe.question),
      element("details", { "data-part": "more" }, element("summary", {}, "What to answer"), element("p", {}, withLinks(prompt.probe.answer))),
      element("p", { class: "practice-links" }, links.flatMap((link, index) => (index ? [" · ", link] : [link]))),
      element(
        "div",
        { class: "tool-row is-controls" },
        element("button", { type: "button", class: "tool-button is-main", onclick: next }, "Next prompt"),
        element("button", { type: "button", class: "tool-button", onclick: () => go(prompt) }, "This one again"),
      ),
    )
    summarise()
    return title
  }
  function summarise() {
    const verdicts = prompt.rubric.map((point) => [point, attempt.verdicts[point.id]])
    const said = verdicts.filter(([, verdict]) => verdict === "said").length
    const left = verdicts.filter(([, verdict]) => verdict === "left")
    const open = verdicts.length - said - left.length
    if (open === verdicts.length) sum.textContent = ""
    else if (open) sum.textContent = `${said} said, ${left.length} left out, ${open} still to judge.`
    else if (!left.length) sum.textContent = `All ${said} points said. They come back later, and later still each time.`
    else sum.textContent = `${said} of ${verdicts.length} said. ${left.length === 1 ? "The point" : "The points"} left out will come back first.`
    sum.hidden = !sum.textContent
  }

  /* Comparing by meaning */

  function makeCompare() {
    const words = element("p", { class: "practice-compare-words", role: "status", "aria-live": "polite" })
    const bar = element("progress", { max: "1", value: "0", hidden: true, class: "tool-progress", "aria-label": "Fetching the model" })
    const button = element("button", { type: "button", class: "tool-button" }, "Compare my words with the rubric")
    const decline = element("button", { type: "button", class: "tool-button", hidden: true }, "No, I score myself")
    const here = prompt
    let agreed = false
    const alone = (reason) => {
      words.textContent = `${reason ? `${reason.trim()} ` : ""}You score yourself.`
      bar.hidden = decline.hidden = true
      button.hidden = false
      button.disabled = false
      button.textContent = "Compare my words with the rubric"
      agreed = false
    }
    async function compare() {
      if (!attempt.answer.trim()) {
        words.textContent = "There is no typed answer to compare. What you say aloud is not recorded."
        return
      }
      button.disabled = true
      try {
        const coverage = await import("./coverage.js")
        const state = await coverage.available()
        if (!state?.ready) return alone(state?.reason || "Comparing is not possible here.")
        const megabytes = Math.max(1, Math.round(state.bytes / 1e6))
        if (!agreed && !state.kept) {
          agreed = true
          words.textContent = `This fetches a small language model from this site once, ${megabytes} MB, and keeps it on your device. Your answer is not sent anywhere.`
          button.textContent = `Fetch ${megabytes} MB and compare`
          decline.hidden = false
          button.disabled = false
          return
        }
        decline.hidden = true
        words.textContent = state.kept ? "Starting the model." : "Fetching the model."
        bar.hidden = false
        bar.removeAttribute("value")
        await coverage.load((part, said) => {
          const fraction = typeof part === "number" ? part : part?.done / part?.total
          if (Number.isFinite(fraction)) bar.value = Math.min(1, Math.max(0, fraction))
          if (typeof said === "string" && said !== words.textContent) words.textContent = said
        })
        words.textContent = "Comparing."
        const scores = await coverage.score(attempt.answer, here.rubric)
        if (here !== prompt || !words.isConnected) return
        const found = showFound(scores)
        bar.hidden = true
        button.disabled = false
        button.textContent = "Compare again"
        words.textContent = `${found}. You judge: the comparison sees what you spoke of and does not notice “not”.`
        say(`Compared: ${found}.`)
      } catch (error) {
        alone(typeof error?.message === "string" && error.message.endsWith(".") ? error.message : "Comparing did not work here.")
      }
    }
    button.addEventListener("click", compare)
    decline.addEventListener("click", () => {
      alone("")
      button.focus()
    })
    return element(
      "div",
      { class: "practice-compare" },
      element("div", { class: "tool-row is-controls" }, button, decline),
      bar,
      words,
    )
  }
  // What the comparison finds is shown and never ticked: it takes a point turned on its head for the point.
  const FOUND = {
    covered: ["Spoken of. Did you have it the right way round?", "spoken of"],
    unsure: ["The comparison cannot tell.", "unclear"],
    missed: ["Nothing like it found. Did you say it in other words?", "not found"],
  }
  function showFound(scores) {
    const tally = new Map()
    for (const score of Array.isArray(scores) ? scores : []) {
      const row = rows.find((one) => one.point.id === score?.id)
      if (!row) continue
      const [words, short] = Object.hasOwn(FOUND, score.verdict) ? FOUND[score.verdict] : FOUND.unsure
      const sentence = typeof score.sentence === "string" && score.verdict !== "missed" ? score.sentence : ""
      const quote = sentence.length > 200 ? `${sentence.slice(0, 200)}…` : sentence
      row.hint.replaceChildren(element("b", {}, words), quote ? ` You: “${quote}”` : "")
      tally.set(short, (tally.get(short) ?? 0) + 1)
    }
    return [...tally].map(([short, number]) => `${number} ${short}`).join(", ")
  }

  /* How it stands, and what is kept */

  const standingLine = element("p", { class: "practice-standing" })
  const boxes = element("dl", { class: "practice-boxes" })
  const weakest = element("ul", { class: "practice-weak" })
  const weakestTitle = element("p", {}, "Left out last time:")
  const keeping = element("p", { class: "tool-hint" })
  const said = element("p", { class: "tool-hint", role: "status", "aria-live": "polite" })
  function standing() {
    const tried = all.prompts.filter((one) => !isNew(one, progress.points)).length
    const now = Date.now()
    const due = [...progress.points.values()].filter((kept) => isDue(kept, now)).length
    standingLine.textContent = `${tried} of ${all.prompts.length} prompts tried${due ? ` · ${count(due, "point")} due again` : ""}`
    const inBox = WAITS.map((_, index) => [...progress.points.values()].filter((kept) => kept.box === index + 1).length)
    const names = ["10 minutes", "1 day", "2 days", "4 days", "8 days"]
    boxes.replaceChildren(
      ...inBox.map((number, index) =>
        element("div", {}, element("dt", {}, `Box ${index + 1}`), element("dd", {}, count(number, "point")), element("dd", {}, names[index])),
      ),
    )
    const weak = everything.flatMap((one) => one.rubric.filter((point) => progress.points.get(pointKey(one, point))?.box === 1).map((point) => [one, point]))
    weakest.replaceChildren(
      ...weak.slice(0, 8).map(([one, point]) =>
        element("li", {}, element("button", { type: "button", class: "practice-link", onclick: () => go(one) }, point.point)),
      ),
      ...(weak.length > 8 ? [element("li", {}, `and ${count(weak.length - 8, "more", "more")}`)] : []),
    )
    weakestTitle.hidden = weakest.hidden = !weak.length
    keeping.textContent = progress.kept
      ? "Kept in this browser on this device, and sent nowhere."
      : "This browser keeps nothing for this page, so progress lasts until you leave. Export it if you want it back."
  }
  const file = element("input", { type: "file", accept: ".json,application/json", class: "visually-hidden", tabindex: "-1", "aria-label": "File to import" })
  file.addEventListener("change", async () => {
    const chosen = file.files[0]
    if (!chosen) return
    let text = ""
    if (chosen.size <= LARGEST_FILE) text = await chosen.text().catch(() => "")
    file.value = ""
    const { points, broken } = parseProgress(text, keys)
    if (!points.size) {
      said.textContent = broken
        ? "That file is not progress exported from here, so nothing was changed."
        : "That file holds no points, so nothing was changed."
      return
    }
    for (const [key, kept] of points) {
      if ((progress.points.get(key)?.at ?? -1) <= kept.at) progress.points.set(key, kept)
    }
    progress.save()
    said.textContent = `${count(points.size, "point")} imported${broken ? "; the rest of the file could not be read" : ""}. Where both knew a point, the later try counts.`
    standing()
  })
  const sure = element("span", { class: "tool-row is-controls", hidden: true })
  const erase = element("button", { type: "button", class: "tool-button", onclick: () => askErase(true) }, "Erase")
  const reallyErase = element("button", { type: "button", class: "tool-button is-main" }, "Erase all of it")
  const keepIt = element("button", { type: "button", class: "tool-button" }, "Keep it")
  sure.append(reallyErase, keepIt)
  function askErase(ask) {
    sure.hidden = !ask
    erase.hidden = ask
    said.textContent = ask ? "This erases your progress and the answers in this tab, for good." : ""
    ;(ask ? keepIt : erase).focus()
  }
  keepIt.addEventListener("click", () => askErase(false))
  reallyErase.addEventListener("click", () => {
    progress.erase()
    askErase(false)
    show(prompt, false)
    said.textContent = "Erased. Nothing of it is left on this device."
  })
  const kept = element(
    "details",
    { "data-part": "kept" },
    element("summary", {}, "Your progress"),
    boxes,
    weakestTitle,
    weakest,
    element(
      "div",
      { class: "tool-row is-controls" },
      element("button", { type: "button", class: "tool-button", onclick: () => download("practice-progress.json", progress.text(), "application/json") }, "Export"),
      element("button", { type: "button", class: "tool-button", onclick: () => file.click() }, "Import"),
      erase,
      sure,
      file,
    ),
    said,
    keeping,
  )

  const card = element(
    "section",
    { class: "tool-card practice-card", "aria-labelledby": "practice-question" },
    tags,
    question,
    came,
    timer.row,
    element("div", { class: "tool-field" }, element("label", { for: "practice-answer" }, "Your answer"), answer),
    element("p", { class: "tool-hint", id: "practice-answer-note" }, "Type it, or say it aloud and leave this empty. Nothing is recorded or sent. ", counted),
    before,
    result,
  )
  // All is filled in before it stands on the page, where each change would be styled and looked through at once.
  const top = element("div", { class: "practice-top" }, standingLine, drill)
  const tool = element("div", { class: "tool practice" }, top, chooser, note, card, kept, status)
  fromAddress()
  if (progress.note) tell(progress.note)
  place.replaceChildren(tool)
  onAddressChange(place, fromAddress)
  const listen = (event) => {
    if (!place.isConnected) return removeEventListener("storage", listen)
    if (event.key !== STORE && event.key !== null) return
    progress.readBack()
    standing()
  }
  addEventListener("storage", listen)
}
