// What a reader takes away: one HTML file that needs nothing beside it, and the figures as JSON, named as rung names them.

import { download, element } from "../shared.js"

const STYLE = `
:root { color-scheme: light dark; --ink: CanvasText; --rule: GrayText; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; }
.tool-result { font-size: 1.3rem; font-weight: 700; }
table { border-collapse: collapse; } caption { text-align: left; }
th, td { padding: .3rem .7rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); }
svg { display: block; width: 100%; max-width: 30rem; } svg line { stroke: var(--rule); }
svg .measure-interval { stroke: var(--ink); stroke-width: 3; } svg .measure-dot { fill: var(--ink); }
.md-typeset__scrollwrap { overflow-x: auto; }
`

const today = () => {
  const now = new Date()
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-")
}

/** A result of the page as a whole HTML file: a copy of what is shown, without its controls. */
function reportPage(title, about, shown) {
  const page = document.implementation.createHTMLDocument(title)
  page.documentElement.lang = "en"
  const meta = (attributes) => page.head.append(element("meta", attributes))
  page.head.prepend(element("meta", { charset: "utf-8" }))
  meta({ name: "viewport", content: "width=device-width, initial-scale=1" })
  page.head.append(element("style", {}, STYLE))
  const copy = shown.cloneNode(true)
  for (const control of copy.querySelectorAll("button, input, .screen-only, .is-controls")) control.remove()
  for (const details of copy.querySelectorAll("details")) details.open = true
  page.body.append(element("h1", {}, title), element("p", {}, `${today()}. ${about}`), copy)
  return `<!doctype html>\n${page.documentElement.outerHTML}\n`
}

const rateOf = ({ hits, n, share, low, high }) => ({ hits, n, share, low, high })

/** A verdict under the names that rung's results.json has. */
export function verdictData({ sentence, stop, more, margin, alpha, standings, steps }) {
  return {
    sentence,
    stop,
    more_items: more,
    margin,
    alpha,
    standings: standings.map(({ name, rate, state, pEnough }) => ({
      rung: name,
      rate: rateOf(rate),
      state,
      p_enough: pEnough,
    })),
    steps: steps.map(({ lower, higher, won, lost, n, difference, pBetter, pNotWorse }) => {
      return { lower, higher, won, lost, n, difference, p_better: pBetter, p_not_worse: pNotWorse }
    }),
  }
}

const WRITERS = {
  html: ["text/html", ({ title, about, shown }) => reportPage(title, about, shown)],
  json: ["application/json", ({ about, data }) => `${JSON.stringify({ date: today(), about, ...data }, null, 2)}\n`],
  jsonl: ["application/jsonl", ({ lines }) => lines.map((line) => `${JSON.stringify(line)}\n`).join("")],
}
const BUTTONS = {
  html: "Save the report (HTML)",
  json: "Save the figures (JSON)",
  jsonl: "Save the predictions (JSON lines)",
}

/**
 * Buttons that save a result.
 * @param {string} name  of the files, without an ending
 * @param {function(): Object} make  what is saved: `title`, `about`, `shown` (a node), `data` and `lines`
 * @param {string[]} endings  which of html, json and jsonl are offered
 */
export function reportButtons(name, make, endings = ["html", "json"]) {
  const said = element("span", { class: "tool-hint", role: "status" })
  const buttons = endings.map((ending) => {
    const [type, write] = WRITERS[ending]
    const onclick = () => {
      download(`${name}.${ending}`, write(make()), type)
      said.textContent = `Saved as ${name}.${ending}, from this tab.`
    }
    return element("button", { type: "button", class: "tool-button", onclick }, BUTTONS[ending])
  })
  return element("div", { class: "tool-row is-controls" }, ...buttons, said)
}
