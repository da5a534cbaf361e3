// The tables of the cost tool: what is spent by when, and which input decides.

import { watchBox } from "../../scroll_boxes.js"
import { drawn, element } from "../shared.js"
import { bills, cumulative, sensitivity } from "./model.js"
import { say, sayRoughly } from "./numbers.js"
import { capital, NOUNS, oriented } from "./words.js"

const ROWS = 6

const row = (...cells) => element("tr", {}, ...cells)
const columnHead = (...words) => element("th", { scope: "col" }, ...words)
const rowHead = (...words) => element("th", { scope: "row" }, ...words)

/** A table in a box that scrolls by itself, as the theme puts its own. */
function boxed(kind, caption, head, body) {
  const table = element(
    "table",
    { class: kind },
    element("caption", {}, caption),
    element("thead", {}, row(...head)),
    element("tbody", {}, ...body),
  )
  const inner = element("div", { class: "md-typeset__table" }, table)
  const box = element("div", { class: "md-typeset__scrollwrap" }, inner)
  watchBox(box)
  return box
}

/** Credits spent by the end of some months. */
export function spendingTable(ways, c) {
  const rows = Math.min(c.months, ROWS)
  const months = [...new Set(Array.from({ length: rows + 1 }, (_, index) => Math.round((c.months * index) / rows)))]
  const spent = Object.fromEntries(ways.map((way) => [way, cumulative(way, c)]))
  const body = months.map((month) => {
    const least = Math.min(...ways.map((way) => spent[way][month]))
    const cells = ways.map((way) => {
      const text = say(spent[way][month])
      return element("td", {}, ways.length > 1 && spent[way][month] === least ? element("strong", {}, text) : text)
    })
    return row(rowHead(String(month)), ...cells)
  })
  const caption = "Credits spent by the end of a month; 0 is the setup; the least in bold"
  return boxed("cost-table", caption, [columnHead("Month"), ...ways.map((way) => columnHead(capital(way)))], body)
}

/** What a query and a month cost each way, the setup aside. */
export function billsTable(ways, c) {
  const all = ways.map((way) => bills(way, c))
  const rows = [
    ["A query, in tokens and search", "query"],
    ["A query, with its share of the month", "shared"],
    ["The first month", "first"],
    ...(c.growth_percent_per_month && c.months > 1 ? [[`Month ${c.months}`, "last"]] : []),
  ]
  const body = rows.map(([words, name]) => {
    const least = Math.min(...all.map((bill) => bill[name]))
    const cells = all.map((bill) => {
      const text = name === "shared" && bill[name] === Infinity ? "no queries" : say(bill[name])
      return element("td", {}, ways.length > 1 && bill[name] === least ? element("strong", {}, text) : text)
    })
    return row(rowHead(words), ...cells)
  })
  const caption = "Credits for a query and for a month, the setup aside; the least in bold"
  return boxed(
    "cost-table cost-bills",
    caption,
    [columnHead("What"), ...ways.map((way) => columnHead(capital(way)))],
    body,
  )
}

/** How far the break-even moves either way, as a bar from the middle; `widest` is the factor that fills it. */
function bar(low, high, now, widest) {
  const middle = 60
  const place = (queries) => {
    if (queries === Infinity) return 1
    return queries > 0 ? Math.max(-1, Math.min(1, (0.92 * Math.log(queries / now)) / Math.log(widest))) : -1
  }
  const block = (kind, queries) => {
    const end = middle + 58 * place(queries)
    return drawn("rect", { class: kind, x: Math.min(middle, end), width: Math.abs(end - middle), y: 3, height: 10 })
  }
  return drawn(
    "svg",
    { viewBox: "0 0 120 16", preserveAspectRatio: "none", class: "cost-bar", "aria-hidden": "true" },
    block("less", low),
    block("more", high),
    drawn("line", { class: "cost-now", x1: middle, x2: middle, y1: 0, y2: 16 }),
  )
}

/** The largest factor by which a row moves the break-even, for the bars' scale. */
function widestOf(rows, now) {
  const factors = rows.flatMap(([, , ...ends]) => {
    return ends.filter((end) => end > 0 && end < Infinity).flatMap((end) => [end / now, now / end])
  })
  return Math.max(1.2, ...factors)
}

/** One line for each input: its name and bar, and the break-even with a quarter less and a quarter more of it. */
function sensitivityTable(data, rows, now, caption) {
  const isDrawn = now > 0 && now < Infinity
  const widest = widestOf(rows, now)
  const key = (kind) => (isDrawn ? element("span", { class: `cost-key ${kind}` }) : "")
  const body = rows.map(([, name, low, high]) => {
    const label = element("span", {}, data.inputs[name].label)
    const named = element("div", { class: "cost-cell" }, label, isDrawn ? bar(low, high, now, widest) : null)
    return row(rowHead(named), element("td", {}, sayRoughly(low)), element("td", {}, sayRoughly(high)))
  })
  const head = [
    columnHead("Input"),
    columnHead(key("less"), "a quarter less"),
    columnHead(key("more"), "a quarter more"),
  ]
  return boxed("cost-table cost-tornado", caption, head, body)
}

/** Which input moves the break-even most: a heading, a sentence, and a table where there is something to show. */
export function whichInputDecides(data, pair, c) {
  const [[way, other], now] = oriented(pair, c)
  const rows = sensitivity(way, other, c, data.inputs).slice(0, ROWS)
  const [here, there] = [NOUNS[way], NOUNS[other]]
  const title = element("h2", {}, "Which input decides?")
  if (!rows.length) {
    const sure = now === 0 ? "costs less at any volume" : "pays at no volume"
    const sentence = `${capital(here)} against ${there} ${sure}, and no single input changes that when it is moved by a quarter.`
    return [title, element("p", {}, sentence)]
  }
  const starts = c.growth_percent_per_month ? "in the first month" : "a month"
  const finite = now < Infinity ? `from ${sayRoughly(now)} queries ${starts}` : "at no volume"
  const intro =
    `${capital(here)} costs less than ${there} ${now === 0 ? "at any volume" : finite}. The table moves one input at ` +
    `a time by a quarter. What moves it most: ${data.inputs[rows[0][1]].label.toLowerCase()}.`
  const caption = `Queries ${starts} from which ${here} costs less than ${there}`
  return [title, element("p", {}, intro), sensitivityTable(data, rows, now, caption)]
}
