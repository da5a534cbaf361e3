// The cost tool: fields, a chart and a sentence around the arithmetic of cost/model.js. Inputs, ranges and scenarios come
// from the file that the Python program reads.

import { addStyle, download, element, onAddressChange, readAddress, writeAddress } from "./shared.js"
import { WAYS, breakEvenMonth, breakEvenQueries, cumulative, sensitivity } from "./cost/model.js"

const SOURCE = new URL("../../snippets/tools/cost/inputs.json", import.meta.url)
const FIRST = ["queries_per_month", "prompt_tokens", "passage_tokens", "day_price", "months"]
const PAUSE = 200 // milliseconds after the last key

// Numbers in words ---------------------------------------------------------

const whole = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 })
const small = new Intl.NumberFormat("en-GB", { maximumSignificantDigits: 3 })
const short = new Intl.NumberFormat("en-GB", { notation: "compact", maximumSignificantDigits: 3 })

function power(number) {
  const [mantissa, exponent] = number.toExponential(1).split("e")
  const raised = [...String(Number(exponent))].map((digit) => (digit === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit])).join("")
  return `${mantissa} × 10${raised}`
}

/** A number as it is read: grouped, without needless decimals; "never" for infinity. */
export function say(number) {
  if (!Number.isFinite(number)) return "never"
  const size = Math.abs(number)
  if (size >= 1e15 || (size > 0 && size < 1e-3)) return power(number)
  return (size < 100 ? small : whole).format(number)
}

const sayShort = (number) => (number >= 1e15 || (number > 0 && number < 1e-3) ? power(number) : short.format(number))
const about3 = (number) => say(Number.isFinite(number) ? Number(number.toPrecision(3)) : number)
const capital = (text) => text[0].toUpperCase() + text.slice(1)
const NOUNS = { prompting: "prompting", retrieval: "retrieval", tuned: "a tuned model", combined: "the combination" }
const slug = (name) => name.toLowerCase().replace(/[^a-z]+/g, "-")

/** Reads what was typed: [number, null], or [null, what to do about it]. */
export function parse(text, name, about) {
  const typed = text.length > 60 ? "…" : text.trim()
  if (typed === "") return [null, "Write a number; 0 if there is none."]
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(typed)) {
    if (/^[\d.,'’\s]*\d[\d.,'’\s]*$/.test(typed)) return [null, "Write it without spaces or commas, like 1000.50."]
    return [null, `Write a number in figures, like ${about.example || 5}.`]
  }
  const number = Number(typed) + 0
  if (number > about.highest) return [null, `At most ${say(about.highest)}.`]
  if (number < about.lowest) return [null, `At least ${say(about.lowest)}.`]
  if ((name === "months" || name === "cached") && number % 1) return [null, "Write a whole number."]
  return [number, null]
}

const some = (names) => names.slice(0, 3).join(", ") + (names.length > 3 ? ` and ${names.length - 3} more` : "")

// State ----------------------------------------------------------------------

const exampleOf = (data, scenario) => {
  const figures = Object.entries(data.inputs).map(([name, about]) => [
    name,
    data.scenarios[scenario][name] ?? about.example,
  ])
  return Object.fromEntries(figures)
}

function stateFor(data, scenario) {
  return { scenario, figures: exampleOf(data, scenario), ways: data.scenarios[scenario].ways, pair: null }
}

function readState(data) {
  const address = readAddress()
  const scenarios = Object.keys(data.scenarios)
  const found = scenarios.find((name) => slug(name) === address.get("case"))
  const state = stateFor(data, found ?? scenarios[0])
  const bad = address.has("case") && !found ? ["the scenario"] : []
  for (const [name, about] of Object.entries(data.inputs)) {
    if (!address.has(name)) continue
    const [number] = parse(address.get(name), name, about)
    if (number === null) bad.push(`“${about.label}”`)
    else state.figures[name] = number
  }
  if (address.has("ways")) {
    const asked = address.get("ways").split(".")
    const ways = WAYS.filter((way) => asked.includes(way))
    if (ways.length && ways.length === asked.length) state.ways = ways
    else bad.push("the ways to compare")
  }
  if (address.has("pair")) {
    const pair = address.get("pair").split(".")
    if (pair.length === 2 && pair[0] !== pair[1] && pair.every((way) => state.ways.includes(way))) state.pair = pair
    else bad.push("the pair")
  }
  return [state, bad]
}

function toAddress(data, state) {
  const parameters = new URLSearchParams()
  if (state.scenario !== Object.keys(data.scenarios)[0]) parameters.set("case", slug(state.scenario))
  const base = stateFor(data, state.scenario)
  for (const [name, number] of Object.entries(state.figures)) {
    if (number !== base.figures[name]) parameters.set(name, number)
  }
  if (state.ways.join() !== base.ways.join()) parameters.set("ways", state.ways.join("."))
  if (state.pair) parameters.set("pair", state.pair.join("."))
  return parameters
}

/** Which way is asked about, and against which: the pair that was chosen, else the dearer rung against the simpler. */
function pairOf(state) {
  if (state.pair?.every((way) => state.ways.includes(way))) return state.pair
  const later = state.ways.includes("tuned") ? "tuned" : state.ways.at(-1)
  return later === state.ways[0] ? null : [later, state.ways[0]]
}

// The result in words --------------------------------------------------------

/** Who is cheapest, in one sentence. */
export function headline(ways, c) {
  const totals = ways.map((way) => [cumulative(way, c).at(-1), way]).sort((one, two) => one[0] - two[0])
  const [[least, way], next] = totals
  const span = `over ${say(c.months)} ${c.months === 1 ? "month" : "months"}`
  if (!next) return `${capital(NOUNS[way])} costs ${say(least)} credits ${span}.`
  const same = totals.filter(([total]) => total - least <= 1e-9 * least).map(([, one]) => NOUNS[one])
  if (same.length > 1) return `${capital(same.join(" and "))} cost the same ${span}: ${say(least)} credits.`
  return `${capital(NOUNS[way])} is cheapest ${span}: ${say(least)} credits, ${say(next[0] - least)} less than ${NOUNS[next[1]]}.`
}

/** When, and from what volume on, one way costs less than another. */
export function comparison([way, other], c) {
  const month = breakEvenMonth(way, other, c)
  const needed = breakEvenQueries(way, other, c)
  const lost = breakEvenQueries(other, way, c)
  const ahead = cumulative(way, c).at(-1) < cumulative(other, c).at(-1)
  const span = c.months === 1 ? "the month" : `the ${say(c.months)} months`
  const starts = c.growth_percent_per_month ? " in the first month" : " a month"
  const [here, there] = [capital(NOUNS[way]), NOUNS[other]]
  const when =
    month === 0
      ? `${here} costs less than ${there} from the start`
      : month < Infinity
        ? `${here} has cost less than ${there} from the end of month ${say(month)} on`
        : `${here} does not catch up with ${there} within ${span}`
  if (needed === 0) return `${when}, and would at any volume.`
  if (needed < Infinity) return `${when}; over ${span} it pays from ${about3(needed)} queries${starts} on.`
  if (lost > 0 && lost < Infinity)
    return `${when}; over ${span} it is the cheaper only below ${about3(lost)} queries${starts}.`
  if (ahead) return `${when}, and would at any volume.`
  return `${when}, and never would, at any volume: it saves nothing on a query.`
}

/** The pair in the order in which a volume makes the first one cheaper, and that volume. */
function oriented(pair, c) {
  const turned = [pair[1], pair[0]]
  const now = breakEvenQueries(...pair, c)
  const other = breakEvenQueries(...turned, c)
  return now === Infinity && other > 0 && other < Infinity ? [turned, other] : [pair, now]
}

// The chart --------------------------------------------------------------------

const drawn = (name, attributes, ...children) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children)
  return made
}

const STEPS = [1, 2, 3, 6, 12, 24]

function drawChart(svg, width, ways, c, pair) {
  const height = Math.round(Math.min(320, Math.max(210, width * 0.58)))
  const [left, right, top, bottom] = [46, 82, 22, 34]
  const lines = ways.map((way) => [way, cumulative(way, c)])
  const most = Math.max(...lines.map(([, spent]) => Math.max(...spent))) || 1
  const rough = most / (height > 260 ? 4 : 3)
  const unit = 10 ** Math.floor(Math.log10(rough))
  const step = unit * ([1, 2, 5].find((times) => times * unit >= rough * 0.8) ?? 10)
  const x = (month) => left + ((width - left - right) * month) / c.months
  const y = (credits) => height - bottom - ((height - top - bottom) * credits) / most
  const parts = []
  for (let tick = 0; tick * step <= most * 1.001 && tick < 12; tick++) {
    parts.push(
      drawn("line", { class: "cost-grid", x1: left, x2: width - right, y1: y(tick * step), y2: y(tick * step) }),
    )
    parts.push(
      drawn(
        "text",
        { class: "cost-tick", x: left - 6, y: y(tick * step) + 4, "text-anchor": "end" },
        sayShort(tick * step),
      ),
    )
  }
  const every = STEPS.find((months) => c.months / months <= width / 85) ?? 24
  for (let month = 0; month <= c.months; month += every) {
    parts.push(
      drawn(
        "text",
        { class: "cost-tick", x: x(month), y: height - bottom + 17, "text-anchor": "middle" },
        String(month),
      ),
    )
  }
  parts.push(drawn("text", { class: "cost-tick", x: 2, y: 12 }, "credits"))
  parts.push(drawn("text", { class: "cost-tick", x: width - right + 14, y: height - bottom + 17 }, "months"))

  // Labels keep a line's height between them; one that had to move is tied to its line.
  const labels = lines.map(([way, spent]) => ({ way, end: y(spent.at(-1)) })).sort((one, two) => one.end - two.end)
  let above = 0
  for (const label of labels) above = label.at = Math.max(label.end, above + 16)
  let below = height - bottom + 16
  for (const label of labels.toReversed()) below = label.at = Math.min(label.at, below - 16)
  for (const [way, spent] of lines) {
    const points = spent.map((credits, month) => `${x(month).toFixed(1)},${y(credits).toFixed(1)}`)
    parts.push(drawn("polyline", { class: `cost-line ${way}`, points: points.join(" ") }))
  }
  for (const { way, end, at } of labels) {
    parts.push(
      drawn("line", { class: `cost-tie ${way}`, x1: width - right + 1, x2: width - right + 10, y1: end, y2: at }),
    )
    parts.push(drawn("text", { class: "cost-name", x: width - right + 13, y: at + 4 }, way))
  }
  const month = pair ? breakEvenMonth(...pair, c) : Infinity
  if (month > 0 && month < Infinity) {
    const [at, credits] = [x(month), y(cumulative(pair[0], c)[month])]
    const late = month > c.months * 0.6
    parts.push(drawn("circle", { class: "cost-mark", cx: at, cy: credits, r: 5 }))
    parts.push(
      drawn(
        "text",
        {
          class: "cost-name cost-when",
          x: at + (late ? -8 : 4),
          y: credits - 10,
          "text-anchor": late ? "end" : "start",
        },
        `month ${month}`,
      ),
    )
  }
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`)
  const ends = lines.map(([way, spent]) => `${way} from ${say(spent[0])} to ${say(spent.at(-1))}`)
  svg.replaceChildren(
    drawn("title", { id: "cost-chart-title" }, "Credits spent by the end of each month"),
    drawn(
      "desc",
      { id: "cost-chart-desc" },
      `Over ${say(c.months)} months: ${ends.join("; ")}. The table below has the figures.`,
    ),
    ...parts,
  )
}

// Tables -------------------------------------------------------------------------

const boxed = (table) => {
  return element("div", { class: "md-typeset__scrollwrap" }, element("div", { class: "md-typeset__table" }, table))
}
const row = (...cells) => element("tr", {}, ...cells)

function spendingTable(ways, c) {
  const rows = c.months < 6 ? c.months : 6
  const months = [...new Set(Array.from({ length: rows + 1 }, (_, index) => Math.round((c.months * index) / rows)))]
  const spent = Object.fromEntries(ways.map((way) => [way, cumulative(way, c)]))
  const body = months.map((month) => {
    const least = Math.min(...ways.map((way) => spent[way][month]))
    const cells = ways.map((way) => {
      const text = say(spent[way][month])
      return element("td", {}, ways.length > 1 && spent[way][month] === least ? element("strong", {}, text) : text)
    })
    return row(element("th", { scope: "row" }, String(month)), ...cells)
  })
  return element(
    "table",
    { class: "cost-table" },
    element("caption", {}, "Credits spent by the end of a month; 0 is the setup; the least in bold"),
    element(
      "thead",
      {},
      row(
        element("th", { scope: "col" }, "Month"),
        ...ways.map((way) => element("th", { scope: "col" }, capital(way))),
      ),
    ),
    element("tbody", {}, ...body),
  )
}

function bar(low, high, now, widest) {
  const place = (queries) => {
    if (queries === Infinity) return 1
    return queries > 0 ? Math.max(-1, Math.min(1, (0.92 * Math.log(queries / now)) / Math.log(widest))) : -1
  }
  const [less, more] = [60 + 58 * place(low), 60 + 58 * place(high)]
  const block = (kind, to) =>
    drawn("rect", { class: kind, x: Math.min(60, to), width: Math.abs(to - 60), y: 3, height: 10 })
  const middle = drawn("line", { class: "cost-now", x1: 60, x2: 60, y1: 0, y2: 16 })
  return drawn(
    "svg",
    { viewBox: "0 0 120 16", preserveAspectRatio: "none", class: "cost-bar", "aria-hidden": "true" },
    block("less", less),
    block("more", more),
    middle,
  )
}

function tornado(data, pair, c) {
  const [[way, other], now] = oriented(pair, c)
  const rows = sensitivity(way, other, c, data.inputs).slice(0, 6)
  const [here, there] = [NOUNS[way], NOUNS[other]]
  const starts = c.growth_percent_per_month ? "in the first month" : "a month"
  const title = element("h2", {}, "Which input decides?")
  if (!rows.length) {
    const sure = now === 0 ? "costs less at any volume" : "pays at no volume"
    return [
      title,
      element(
        "p",
        {},
        `${capital(here)} against ${there} ${sure}, and no single input changes that when it is moved by a quarter.`,
      ),
    ]
  }
  const [first] = rows
  const label = (name) => data.inputs[name].label.toLowerCase()
  const widest = Math.max(
    1.2,
    ...rows.flatMap(([, , ...ends]) =>
      ends.filter((end) => end > 0 && end < Infinity).flatMap((end) => [end / now, now / end]),
    ),
  )
  const drawable = now > 0 && now < Infinity
  const from = now === 0 ? "at any volume" : now < Infinity ? `from ${about3(now)} queries ${starts}` : "at no volume"
  const intro =
    `${capital(here)} costs less than ${there} ${from}. The table moves one input at a time by a quarter. ` +
    `What moves it most: ${label(first[1])}.`
  const head = [element("th", { scope: "col" }, "Input")]
  head.push(
    element("th", { scope: "col" }, drawable ? element("span", { class: "cost-key less" }) : "", "a quarter less"),
  )
  head.push(
    element("th", { scope: "col" }, drawable ? element("span", { class: "cost-key more" }) : "", "a quarter more"),
  )
  const body = rows.map(([, name, low, high]) => {
    const named = element(
      "div",
      { class: "cost-cell" },
      element("span", {}, data.inputs[name].label),
      drawable ? bar(low, high, now, widest) : null,
    )
    return row(element("th", { scope: "row" }, named), element("td", {}, about3(low)), element("td", {}, about3(high)))
  })
  const caption = element("caption", {}, `Queries ${starts} from which ${here} costs less than ${there}`)
  return [
    title,
    element("p", {}, intro),
    boxed(
      element(
        "table",
        { class: "cost-table cost-tornado" },
        caption,
        element("thead", {}, row(...head)),
        element("tbody", {}, ...body),
      ),
    ),
  ]
}

// The tool -----------------------------------------------------------------------

/**
 * Puts the cost tool into its place on the page.
 * @param {HTMLElement} place
 */
export async function mount(place) {
  addStyle("tools.css")
  addStyle("cost.css")
  let data
  try {
    const response = await fetch(SOURCE)
    data = await response.json()
  } catch {
    place.replaceChildren(
      element("p", { role: "status" }, "The tool's figures could not be fetched. The sums below do without."),
    )
    return
  }
  if (place.isConnected) build(place, data)
}

function build(place, data) {
  let [state, bad] = readState(data)
  const fields = {}
  const wrong = new Map()
  let timer = 0

  const note = element("p", { class: "cost-note", role: "status" })
  const lead = element("p", { class: "cost-headline" })
  const detail = element("p", {})
  const mend = element("p", { class: "cost-mend" })
  const why = element("p", { class: "cost-help" })
  const svg = drawn("svg", { class: "cost-chart", role: "img", "aria-labelledby": "cost-chart-title cost-chart-desc" })
  const question = element("div", { class: "cost-question" })
  const table = element("div", {})
  const deciding = element("div", {})
  const changes = element("div", { class: "cost-changes" })

  // Fields

  const scenarios = Object.keys(data.scenarios)
  const chooser = element(
    "select",
    { id: "cost-case", onchange: () => choose(chooser.value) },
    ...scenarios.map((name) => element("option", { value: name }, name)),
  )

  function choose(scenario) {
    state = stateFor(data, scenario)
    bad = []
    fill()
    writeSafely(true)
    render()
  }

  const boxes = WAYS.map((way) => element("input", { type: "checkbox", value: way, onchange: tick }))
  const waysError = element("p", { class: "cost-error", id: "cost-ways-error" })
  function tick() {
    const ways = boxes.filter((box) => box.checked).map((box) => box.value)
    waysError.textContent = ways.length ? "" : "Tick at least one."
    if (!ways.length) return
    state.ways = ways
    if (!state.pair?.every((way) => ways.includes(way))) state.pair = null
    writeSafely()
    render()
  }
  const swatch = (way) =>
    drawn(
      "svg",
      { viewBox: "0 0 26 8", class: "cost-swatch", "aria-hidden": "true" },
      drawn("line", { class: `cost-line ${way}`, x1: 0, x2: 26, y1: 4, y2: 4 }),
    )

  function fieldFor(name) {
    const about = data.inputs[name]
    const [id, help, error] = [`cost-${name}`, `cost-${name}-help`, `cost-${name}-error`]
    const said = element("p", { class: "cost-error", id: error })
    const change = () => {
      const [number, problem] = name === "cached" ? [Number(input.checked), null] : parse(input.value, name, about)
      said.textContent = problem ?? ""
      if (problem) input.setAttribute("aria-invalid", "true")
      else input.removeAttribute("aria-invalid")
      if (problem) wrong.set(name, about.label)
      else wrong.delete(name)
      if (!problem) state.figures[name] = number
      clearTimeout(timer)
      timer = setTimeout(() => {
        if (!place.isConnected) return
        bad = []
        writeSafely()
        render()
      }, PAUSE)
    }
    const isBox = name === "cached"
    const input = element("input", {
      id,
      type: isBox ? "checkbox" : "text",
      inputmode: isBox ? null : "decimal",
      autocomplete: "off",
      spellcheck: "false",
      "aria-describedby": `${about.help ? `${help} ` : ""}${error}`,
      oninput: change,
    })
    fields[name] = (number) => {
      if (isBox) input.checked = Boolean(number)
      else input.value = String(number)
      said.textContent = ""
      input.removeAttribute("aria-invalid")
    }
    const unit = isBox ? null : element("span", { class: "cost-unit" }, ` ${about.unit}`)
    return element(
      "div",
      { class: isBox ? "cost-field cost-check" : "cost-field" },
      element("label", { for: id }, about.label, unit),
      input,
      about.help ? element("p", { class: "cost-help", id: help }, about.help) : null,
      said,
    )
  }

  const groups = {}
  for (const [name, about] of Object.entries(data.inputs)) {
    if (!FIRST.includes(name)) (groups[about.group] ??= []).push(name)
  }
  const group = ([title, names]) => {
    return element("details", { class: "cost-group" }, element("summary", {}, title), ...names.map(fieldFor))
  }

  function fill() {
    chooser.value = state.scenario
    for (const box of boxes) box.checked = state.ways.includes(box.value)
    waysError.textContent = ""
    wrong.clear()
    for (const [name, set] of Object.entries(fields)) set(state.figures[name])
  }

  // Result

  function writeSafely(step = false) {
    try {
      writeAddress(toAddress(data, state), step)
    } catch {
      // A browser that takes no more addresses for the moment: the next change writes it.
    }
  }

  const pick = (index, pair) => {
    const chosen = element("select", { "aria-label": index ? "against" : "does this way pay", onchange: change })
    for (const way of state.ways) {
      chosen.append(element("option", { value: way, selected: way === pair[index] }, way))
    }
    function change() {
      const next = [...pair]
      if (chosen.value === pair[1 - index]) next[1 - index] = pair[index]
      next[index] = chosen.value
      state.pair = next
      writeSafely()
      render()
      question.querySelectorAll("select")[index]?.focus()
    }
    return chosen
  }

  // The same words again would be read aloud again.
  function put(paragraph, text) {
    if (paragraph.textContent !== text) paragraph.textContent = text
  }

  let width
  function draw() {
    width = svg.parentElement.clientWidth
    drawChart(svg, Math.max(280, width), state.ways, state.figures, pairOf(state))
  }

  function render() {
    const [c, ways, pair] = [state.figures, state.ways, pairOf(state)]
    const about = data.scenarios[state.scenario]
    const told = bad.length
      ? `The address held something that cannot be used here (${some(bad)}); what the example has stands there instead.`
      : ""
    put(note, told)
    why.replaceChildren(
      about.why,
      ...(about.anchor
        ? [
            " ",
            element(
              "a",
              { href: new URL(`../../ladder/scenarios/#${about.anchor}`, import.meta.url).href },
              "The scenario",
            ),
          ]
        : []),
    )
    put(lead, headline(ways, c))
    put(detail, pair ? comparison(pair, c) : "")
    put(mend, wrong.size ? `Reckoned with the last usable figure for: ${some([...wrong.values()])}.` : "")
    question.replaceChildren(
      ...(pair ? ["Does ", pick(0, pair), " pay against ", pick(1, pair), "?"] : ["Tick a second way to compare two."]),
    )
    draw()
    table.replaceChildren(boxed(spendingTable(ways, c)))
    deciding.replaceChildren(...(pair ? tornado(data, pair, c) : []))
    const base = exampleOf(data, state.scenario)
    const changed = Object.keys(c).filter((name) => c[name] !== base[name])
    changes.replaceChildren(
      ...(changed.length
        ? [
            element("p", {}, `Changed from “${state.scenario}”:`),
            element("ul", {}, ...changed.map((name) => element("li", {}, change(name, c[name], base[name])))),
          ]
        : []),
    )
  }

  function change(name, now, before) {
    const { label, unit } = data.inputs[name]
    if (name === "cached") return `${label}: ${now ? "yes" : "no"}`
    return `${label}: ${say(now)} instead of ${say(before)} (${unit})`
  }

  function save() {
    const mine = { ...state.figures, ways: state.ways }
    download(
      "inputs.json",
      `${JSON.stringify({ inputs: data.inputs, scenarios: { Mine: mine } }, null, 2)}\n`,
      "application/json",
    )
  }

  place.classList.add("cost-tool")
  place.replaceChildren(
    element(
      "div",
      { class: "cost-start" },
      element("div", { class: "cost-case" }, element("label", { for: "cost-case" }, "Start from"), chooser),
      element(
        "fieldset",
        { "aria-describedby": "cost-ways-error" },
        element("legend", {}, "Which ways could do your job?"),
        element(
          "div",
          { class: "cost-ways" },
          ...WAYS.map((way, index) => element("label", {}, boxes[index], swatch(way), capital(way))),
        ),
        waysError,
      ),
      why,
      note,
    ),
    element(
      "div",
      { class: "cost-columns" },
      element(
        "section",
        { class: "cost-result", "aria-label": "Result" },
        element("div", { role: "status", class: "cost-sentence" }, lead, detail, mend),
        element("div", { class: "cost-figure" }, svg),
        question,
      ),
      element(
        "section",
        { class: "cost-fields", "aria-label": "Your figures" },
        ...FIRST.map(fieldFor),
        ...Object.entries(groups).map(group),
        element(
          "p",
          { class: "cost-buttons" },
          element(
            "button",
            { type: "button", class: "tool-button", onclick: () => choose(state.scenario) },
            "Undo my changes",
          ),
          element("button", { type: "button", class: "tool-button", onclick: save }, "Save for the program"),
        ),
      ),
    ),
    table,
    deciding,
    changes,
  )
  fill()
  render()
  new ResizeObserver((_, observer) => {
    if (!place.isConnected) observer.disconnect()
    else if (svg.parentElement.clientWidth !== width) requestAnimationFrame(draw) // not the first time, nor for its height
  }).observe(svg.parentElement)
  onAddressChange(place, () => {
    ;[state, bad] = readState(data)
    fill()
    render()
  })
}
