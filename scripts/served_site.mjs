// The built site as a browser gets it, for the checks that run in one: its pages, and a server that sends them.

import { execFileSync } from "node:child_process"
import { existsSync, readFileSync, statSync } from "node:fs"
import { createServer } from "node:http"
import { extname, join, normalize } from "node:path"
import { gzipSync } from "node:zlib"

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".xml": "application/xml",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".txt": "text/plain; charset=utf-8",
  ".woff2": "font/woff2",
}
const PACKED = new Set([".html", ".css", ".js", ".json", ".xml", ".svg", ".txt"])

/** Ends the check with a sentence. */
export function stop(message) {
  console.error(message)
  process.exit(1)
}

/** The path of the first of some programs that is installed; undefined where none is. */
export function findProgram(names) {
  for (const name of names) {
    try {
      return execFileSync("which", [name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim()
    } catch {}
  }
  return undefined
}

/** The address of every page, and where the site expects to live: the first part of them all, /repository/ or /. */
export function readPages(site) {
  const file = join(site, "sitemap.xml")
  if (!existsSync(file)) stop(`No ${file}. Build the site first: make build`)
  const pages = [...readFileSync(file, "utf8").matchAll(/<loc>\s*([^<\s]+)\s*<\/loc>/g)].map(
    (m) => new URL(m[1]).pathname,
  )
  if (!pages.length) stop(`${file} names no page. Build with SITE_URL set, or unset: make build`)
  const base = pages.reduce((a, b) => (a.length <= b.length ? a : b))
  return { base, pages: [...pages, `${base}404.html`] }
}

/**
 * Serves the site with gzip for text and ten minutes of caching, as GitHub Pages does.
 * @param {Map<string, number>} sent  gets the kilobytes that were sent, by address
 */
export function serve(site, base, sent = new Map()) {
  const packed = new Map()
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname)
    let file = path.startsWith(base) ? join(site, normalize(`/${path.slice(base.length)}`)) : ""
    if (file && existsSync(file) && statSync(file).isDirectory()) file = join(file, "index.html")
    const found = file && existsSync(file)
    if (!found) file = join(site, "404.html")
    const type = extname(file)
    const headers = { "Content-Type": TYPES[type] ?? "application/octet-stream", "Cache-Control": "max-age=600" }
    let body = readFileSync(file)
    if (PACKED.has(type) && /\bgzip\b/.test(request.headers["accept-encoding"] ?? "")) {
      if (!packed.has(file)) packed.set(file, gzipSync(body))
      body = packed.get(file)
      headers["Content-Encoding"] = "gzip"
    }
    response.writeHead(found ? 200 : 404, { ...headers, "Content-Length": body.length })
    response.end(body)
    sent.set(path, body.length / 1000)
  })
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done(server)))
}
