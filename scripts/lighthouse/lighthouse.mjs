// Audits every page of the built site with Lighthouse, as a phone sees it, served as GitHub Pages serves it.
//
//   npm ci --prefix scripts/lighthouse
//   node scripts/lighthouse/lighthouse.mjs site [part of an address ...]
//
// Fails when on any page accessibility, best practices or SEO is below 100, performance below 95, or the first view weighs
// more than 150 kB as transferred. Performance depends on the machine and on how busy it is: where Lighthouse's own measure
// of the processor is low, it is reported and not judged.

import { resolve } from "node:path"
import { findProgram, readPages, serve, stop } from "../served_site.mjs"

const FIRST_VIEW_KB = 150
const PERFORMANCE = 95
const SLOW_PROCESSOR = 1000 // below this index Lighthouse warns that performance comes out too low
const GATED = ["accessibility", "best-practices", "seo"]

// Lighthouse misses most of what a worker loads, so what the server sent counts where it is more.
function weigh(result, sent) {
  const files = result.audits["network-requests"]?.details?.items ?? []
  return files
    .map((f) => ({ path: new URL(f.url).pathname, kb: (f.transferSize ?? 0) / 1000 }))
    .map((f) => ({ path: f.path, kb: Math.max(f.kb, sent.get(f.path) ?? 0) }))
    .filter((f) => f.kb)
}

function failures(result, category) {
  return result.categories[category].auditRefs
    .map((ref) => result.audits[ref.id])
    .filter((audit) => audit.score !== null && audit.score < 1)
    .map((audit) => {
      const places = (audit.details?.items ?? [])
        .slice(0, 5)
        .map((i) => i.node?.snippet ?? i.description ?? i.source?.url ?? "")
        .filter(Boolean)
      return [`    ${audit.id}: ${audit.title}`, ...places.map((p) => `      ${p}`)].join("\n")
    })
}

const site = resolve(process.argv[2] ?? "site")
const only = process.argv.slice(3)
const { base, pages } = readPages(site)
let lighthouse, launch
try {
  lighthouse = (await import("lighthouse")).default
  launch = (await import("chrome-launcher")).launch
} catch (error) {
  stop(`Lighthouse is not there (${error.code ?? error.message}). Run: npm ci --prefix scripts/lighthouse`)
}

// Where none is found, chrome-launcher knows where macOS and Windows keep it.
const chromePath =
  process.env.CHROME_PATH || findProgram(["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])
let chrome
try {
  const flags = ["--headless=new", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage"]
  if (process.getuid?.() === 0 || process.env.CI) flags.push("--no-sandbox")
  chrome = await launch({ chromePath, chromeFlags: flags, logLevel: "silent" })
} catch (error) {
  stop(`No Chromium or Chrome started (${error.message}). Install one, or set CHROME_PATH to it.`)
}

const sent = new Map()
const server = await serve(site, base, sent)
const origin = `http://127.0.0.1:${server.address().port}`
const problems = []
const speeds = [] // of each audited page: its performance, and the processor's index meanwhile
let home = []
const chosen = pages.filter((page) => !only.length || only.some((part) => page.includes(part)))
if (!chosen.length) problems.push(`no page matches ${only.join(", ")}`)

try {
  console.log(`${"page".padEnd(36)} perf  a11y  best  seo   first view`)
  for (const page of chosen) {
    const missing = page.endsWith("/404.html") // not for search engines, so not judged as if it were
    const gated = GATED.filter((category) => !(missing && category === "seo"))
    const { lhr } = await lighthouse(origin + page, {
      port: chrome.port,
      logLevel: "silent",
      output: "json",
      formFactor: "mobile",
      onlyCategories: ["performance", ...gated],
    })
    if (lhr.runtimeError) {
      problems.push(`${page}: ${lhr.runtimeError.message}`)
      continue
    }
    const score = (category) =>
      lhr.categories[category] ? Math.round((lhr.categories[category].score ?? 0) * 100) : null
    const files = weigh(lhr, sent)
    const kb = files.reduce((sum, f) => sum + f.kb, 0)
    if (page === base) home = files
    speeds.push({ score: score("performance"), index: lhr.environment.benchmarkIndex })
    const cells = ["performance", ...GATED].map((c) => String(score(c) ?? "-").padStart(4)).join("  ")
    const slow = score("performance") < PERFORMANCE ? "  slow here" : ""
    console.log(`${page.padEnd(36)} ${cells}  ${kb.toFixed(0).padStart(6)} kB${slow}`)
    for (const category of gated) {
      if (score(category) < 100)
        problems.push(`${page}: ${category} ${score(category)}\n${failures(lhr, category).join("\n")}`)
    }
    if (kb > FIRST_VIEW_KB) problems.push(`${page}: first view ${kb.toFixed(0)} kB, limit ${FIRST_VIEW_KB} kB`)
    if (score("performance") < PERFORMANCE && lhr.environment.benchmarkIndex >= SLOW_PROCESSOR)
      problems.push(`${page}: performance ${score("performance")}, at least ${PERFORMANCE} is wanted`)
  }
} finally {
  server.close()
  server.closeAllConnections()
  await chrome.kill()
}

if (home.length) {
  console.log("\nThe home page's first view, as transferred:")
  for (const f of home.sort((a, b) => b.kb - a.kb)) console.log(`${f.kb.toFixed(1).padStart(8)} kB  ${f.path}`)
}
if (speeds.length) {
  const range = (values) => [...new Set([Math.min(...values), Math.max(...values)].map(Math.round))].join(" to ")
  const slow = speeds.filter(({ score }) => score < PERFORMANCE).length
  const indexes = speeds.map(({ index }) => index)
  console.log(
    `\nPerformance: ${range(speeds.map(({ score }) => score))}; below ${PERFORMANCE} on ${slow} of ${speeds.length} pages.`,
  )
  console.log(
    `Processor: ${range(indexes)} by Lighthouse's index.${
      Math.min(...indexes) < SLOW_PROCESSOR ? " It was slow or busy: performance is better than it says." : ""
    }`,
  )
}
if (problems.length) stop(`\n${problems.length} problem${problems.length > 1 ? "s" : ""}:\n\n${problems.join("\n\n")}`)
console.log("\nAccessibility, best practices and SEO are 100 on every page.")
