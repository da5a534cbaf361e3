// The search as the reader meets it: a dialog with a field, a sentence that counts, and a list of links. The arrows move
// between field and links, Enter follows the first one, Escape closes (the browser's own <dialog> does that).

import { goTo, SITE } from "../tools/shared.js"
import { build, rank } from "./keyword.js"
import { sectionsOf } from "./sections.js"
import { marked, snippet } from "./snippet.js"

const SHOWN = 30 // sections at first
const SHOWN_OF_A_PAGE = 3 // so that one long page does not fill the list
const PAUSE = 80 // milliseconds after a letter before the list changes

let index = null // a promise of what keyword.js builds, once it has been asked for
let parts = null // the dialog's elements

async function fetchIndex() {
  const answer = await fetch(new URL("search/search_index.json", SITE))
  if (!answer.ok) throw new Error(`The search index answers with status ${answer.status}.`)
  return build(sectionsOf(await answer.json()))
}

/** Makes an element with children; text goes in as text. */
function make(name, attributes, ...children) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.append(...children)
  return element
}

function markedNodes(pieces) {
  return pieces.map(({ text, found }) => (found ? make("mark", {}, text) : text))
}

/** A result: its page and section, and the words around what was found. `h` has the page mark these words. */
function row({ section, terms }) {
  const address = new URL(section.id, SITE)
  address.searchParams.set("h", [...terms].join(" "))
  const where = [make("b", {}, ...markedNodes(marked(section.title, terms)))]
  if (!section.first) where.unshift(make("span", { class: "search-page" }, `${section.page} › `))
  const text = make("span", { class: "search-text" }, ...markedNodes(snippet(section.text, terms)))
  return make("li", {}, make("a", { href: address.href }, make("span", { class: "search-where" }, ...where), text))
}

/** The best results, but of each page only a few. */
function firstOf(results) {
  const times = new Map()
  const few = results.filter(({ section }) => {
    const page = section.id.split("#")[0]
    times.set(page, (times.get(page) ?? 0) + 1)
    return times.get(page) <= SHOWN_OF_A_PAGE
  })
  return few.slice(0, SHOWN)
}

function count(results, shown) {
  if (!results.length) return "No section has these words."
  const sections = results.length === 1 ? "1 section" : `${results.length} sections`
  return shown < results.length ? `${sections}, the best ${shown} first` : sections
}

/** Keeps the question in the address, so that it can be shared. */
function writeAddress(question) {
  const address = new URL(location.href)
  if (question) address.searchParams.set("q", question)
  else address.searchParams.delete("q")
  goTo(address)
}

/** Shows what answers the question in the field. */
async function show() {
  const { input, status, list, more, dialog } = parts
  const question = input.value.trim()
  if (dialog.open) writeAddress(question)
  if (!question) {
    list.replaceChildren()
    more.hidden = true
    status.textContent = ""
    list.dataset.answers = ""
    return
  }
  const results = rank(await index, input.value)
  if (question !== input.value.trim()) return // the reader has typed on
  const first = firstOf(results)
  list.replaceChildren(...first.map(row))
  list.dataset.answers = question
  status.textContent = count(results, first.length)
  more.hidden = first.length === results.length
  more.onclick = () => {
    const rest = results.filter((result) => !first.includes(result)).map(row)
    list.append(...rest)
    more.hidden = true
    rest[0].querySelector("a").focus()
  }
}

function move(event) {
  const stops = [parts.input, ...parts.list.querySelectorAll("a")]
  const at = stops.indexOf(document.activeElement)
  const next = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key]
  if (next === undefined || at < 0) return
  event.preventDefault()
  stops[Math.min(Math.max(next, 0), stops.length - 1)].focus()
}

function onKey(event) {
  event.stopPropagation() // the theme's keys, such as `n` for the next page, do not count here
  move(event)
  const isLetter = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey
  if (isLetter && event.target.closest("a")) parts.input.focus() // it goes on with the question
}

function onClick(event) {
  const link = event.target.closest("a")
  const closes = link ? !(event.ctrlKey || event.metaKey || event.shiftKey) : event.target === parts.dialog
  if (!closes) return
  writeAddress("") // before the link is followed: Back leads to the page, not to the search
  parts.dialog.close()
}

function wire(dialog) {
  const find = (selector) => dialog.querySelector(selector)
  parts = { dialog, input: find("input"), status: find("[role=status]"), list: find("ol"), more: find(".search-more") }
  let timer = 0
  parts.input.addEventListener("input", () => {
    clearTimeout(timer)
    timer = setTimeout(show, PAUSE)
  })
  dialog.addEventListener("keydown", onKey)
  dialog.addEventListener("click", onClick)
  dialog.addEventListener("close", () => writeAddress(""))
}

/** Makes the search ready, once, and answers what has been typed so far. Throws when the words cannot be fetched. */
export async function start(dialog) {
  if (!parts) wire(dialog)
  index ??= fetchIndex()
  try {
    await index
  } catch (error) {
    index = null
    throw error
  }
  await show()
}

/** Goes to the best result for what is in the field. */
export async function follow() {
  await show()
  parts.list.querySelector("a")?.click()
}
