// Opens every page of the built site in Firefox, then uses the tools as a reader would.
//
//   npm ci --prefix scripts/firefox
//   node scripts/firefox/firefox.mjs site
//
// The tests run in Chromium alone. This check fails where a page in Firefox says that something broke, asks another host or
// scrolls sideways, or where a tool does not reach what was recorded. Set FIREFOX_PATH where Firefox is not on the path.

import { existsSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { setTimeout } from "node:timers/promises"
import { findProgram, readPages, serve, stop } from "../served_site.mjs"

const PATIENCE = 300_000 // milliseconds for one step of a tool: a model reads a prompt slowly on a busy machine
const QUESTION = "q050" // retrieval and the tuned model both answer it

const site = resolve(process.argv[2] ?? "site")
const { base, pages } = readPages(site)
const recorded = (name) => JSON.parse(readFileSync(join(site, "assets", "tools", name), "utf8"))

async function start() {
  const executablePath = process.env.FIREFOX_PATH || findProgram(["firefox", "firefox-esr"])
  if (!executablePath) stop("No Firefox was found. Install it, or set FIREFOX_PATH to it.")
  try {
    const { default: puppeteer } = await import("puppeteer-core")
    return await puppeteer.launch({ browser: "firefox", executablePath, protocolTimeout: PATIENCE })
  } catch (error) {
    return stop(`Firefox did not start (${error.message}). Run: npm ci --prefix scripts/firefox`)
  }
}

/** A page of the site, and what is said against it. */
class Visit {
  constructor(page, origin) {
    Object.assign(this, { page, origin, problems: [] })
    page.on("pageerror", (error) => this.problems.push(`an error that nobody caught: ${error.message}`))
    page.on("console", (message) => {
      if (["error", "warn"].includes(message.type())) this.problems.push(`in the console: ${message.text()}`)
    })
    page.on("request", (request) => {
      const isOurs = [origin, "data:", "blob:"].some((start) => request.url().startsWith(start))
      if (!isOurs) this.problems.push(`it asks another host: ${request.url()}`)
    })
  }

  async open(path) {
    await this.page.goto(this.origin + path, { waitUntil: "load" })
    // A tool is there when its place has something in it.
    await this.until("[data-tool]:empty, [data-tool] .tool-message:only-child", (found) => found === null)
  }

  /** Waits until what is found at a selector is as it should be, and returns it: its text, or null. */
  async until(selector, isRight) {
    const look = () => this.page.evaluate((at) => document.querySelector(at)?.textContent ?? null, selector)
    for (const end = Date.now() + PATIENCE; Date.now() < end; await setTimeout(200)) {
      const found = await look()
      if (isRight(found)) return found
    }
    throw new Error(`after ${PATIENCE / 1000} seconds there stands at ${selector}: ${await look()}`)
  }

  /** Presses the button, or opens the fold, whose words begin so. */
  async press(words) {
    const isThere = await this.page.evaluate((wanted) => {
      const all = [...document.querySelectorAll("button, summary")]
      const found = all.find((one) => one.offsetParent && one.textContent.trim().startsWith(wanted))
      found?.click()
      return Boolean(found)
    }, words)
    if (!isThere) throw new Error(`there is no button “${words}”`)
  }

  /** Presses a button that asks leave before it fetches, and agrees. */
  async agree(words) {
    await this.press(words)
    await this.until("[data-tool]", (said) => /Fetch \d+ MB/.test(said))
    await this.press("Fetch")
  }
}

const TOOL = "[data-tool]"
const { head, adapter } = recorded("tune/recorded.json")
const tunedAnswer = recorded("rungs/direct.json")
  .find(({ id }) => id === QUESTION)
  .answers.find(({ arm, model }) => arm === "Fine-tuned on the facts" && model === "135M").text

// What a reader does, and what then has to stand there.
const USES = {
  "a scenario, decided": async (visit) => {
    await visit.open(`${base}tools/decide/`)
    await visit.press("Support bot")
    await visit.until('[data-design="rag"].is-here', Boolean)
  },
  "the cost of one design": async (visit) => {
    await visit.open(`${base}trade-offs/cost/?queries_per_month=3000000`)
    await visit.until(TOOL, (said) => said.includes("A tuned model is cheapest over 24 months"))
  },
  "a recorded question to the guide": async (visit) => {
    await visit.open(`${base}tools/ask/`)
    await visit.press("What is the capital of Peru?")
    await visit.until(TOOL, (said) => said.includes("There is none: nothing close enough was found."))
  },
  "a prompt, its rubric": async (visit) => {
    await visit.open(`${base}tools/practice/`)
    await visit.press("Show the rubric")
    await visit.until(TOOL, (said) => said.includes("Which of these did you say?"))
  },
  "two systems, compared": async (visit) => {
    await visit.open(`${base}tools/measure/`)
    await visit.press("Clear")
    await visit.until(TOOL, (said) => said.includes("Nothing is loaded."))
    await visit.press("Sample: two systems")
    await visit.until(TOOL, (said) => said.includes("more test items would tell"))
  },
  "the search": async (visit) => {
    await visit.open(base)
    await visit.page.keyboard.press("/")
    await visit.page.keyboard.type("retreival or fintuning")
    await visit.until("dialog[open]", (said) => /retrieval/i.test(said) && /fine-tuning/i.test(said))
  },
  "a head, trained": async (visit) => {
    await visit.open(`${base}tools/tune/`)
    await visit.press("Train on our labels")
    await visit.until(
      TOOL,
      (said) => said.includes(`Trained in this tab.`) && said.includes(`${head.heldOut.at(-1)} of 140`),
    )
  },
  "an adapter, trained for too long": async (visit) => {
    await visit.press("Train it in this tab")
    await visit.until(TOOL, (said) => said.split("Trained in this tab.").length === 3)
    await visit.until(TOOL, (said) => said.includes(`and ${adapter.heldOut.at(-1)} after 200`))
  },
  "a search by meaning": async (visit) => {
    await visit.open(`${base}tools/measure/`)
    await visit.press("Search the sample in this tab")
    await visit.until(TOOL, (said) => said.includes("searched in this tab"))
    await visit.agree("Search by meaning too")
    await visit.until(TOOL, (said) => /MiniLM\s*\d+ of 115/.test(said))
  },
  "a language model, its adapter put in": async (visit) => {
    await visit.open(`${base}tools/rungs/?asked=direct&only=all&question=${QUESTION}`)
    await visit.press("Ask the small model")
    await visit.until(TOOL, (said) => said.includes("Answer here in all four ways"))
    await visit.agree("Answer here in all four ways")
    const said = await visit.until(".rungs-live", (found) => found.includes("All four are answered."))
    if (!said.includes(tunedAnswer)) throw new Error(`“${tunedAnswer}” is not among the answers: ${said}`)
  },
}

if (!existsSync(join(site, "assets", "vendor", "writer"))) stop("The site has no models. Run: make vendor build")
const server = await serve(site, base)
const browser = await start()
const visit = new Visit(await browser.newPage(), `http://127.0.0.1:${server.address().port}`)
const found = []

async function note(what, act) {
  const began = Date.now()
  try {
    await act()
  } catch (error) {
    visit.problems.push(error.message)
  }
  found.push(...visit.problems.map((problem) => `${what}: ${problem}`))
  visit.problems = [] // what comes later is told with the next
  return (Date.now() - began) / 1000
}

try {
  console.log(`${await browser.version()}: ${pages.length} pages`)
  for (const page of pages) {
    await note(page, async () => {
      await visit.open(page)
      const isWide = await visit.page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
      if (isWide) throw new Error("it scrolls sideways")
    })
  }
  for (const [what, act] of Object.entries(USES)) {
    const seconds = await note(what, () => act(visit))
    console.log(`${what}: ${seconds.toFixed(1)} s`)
  }
} finally {
  await browser.close()
  server.close()
  server.closeAllConnections()
}
if (found.length) stop(`\n${found.join("\n")}`)
console.log(
  `\nIn Firefox ${pages.length} pages open, and ${Object.keys(USES).length} uses of the tools do what was recorded.`,
)
