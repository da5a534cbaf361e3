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
let why = null // a promise of why.js, once it has been asked for
let explain = null // what it says of a result, while the reader wants to know
const results = new WeakMap() // by row: the result, its rank, and of how many

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
function row(result, rank, of) {
  const { section, terms } = result
  const address = new URL(section.id, SITE)
  address.searchParams.set("h", [...terms].join(" "))
  const where = [make("b", {}, ...markedNodes(marked(section.title, terms)))]
  if (!section.first) where.unshift(make("span", { class: "search-page" }, `${section.page} › `))
  const text = make("span", { class: "search-text" }, ...markedNodes(snippet(section.text, terms)))
  const link = make("a", { href: address.href }, make("span", { class: "search-where" }, ...where), text)
  const item = make("li", {}, link)
  results.set(item, [result, rank, of])
  addReasons(item)
  return item
}

/** Below a result: why it was found, if the reader wants to know. A screen reader reads it after the link. */
function addReasons(item) {
  item.querySelector(".search-reasons")?.remove()
  item.firstChild.removeAttribute("aria-describedby")
  if (!explain) return
  const [result, rank, of] = results.get(item)
  const { head, lines } = explain(result, rank, of)
  const id = `search-reasons-${rank}`
  const list = make("ul", {}, ...lines.map((line) => make("li", {}, line)))
  item.append(make("div", { class: "search-reasons", id }, make("p", {}, head), list))
  item.firstChild.setAttribute("aria-describedby", id)
}

/** Says of every result why it was found, or no longer. */
async function toggleWhy() {
  const { list, note, whyButton, status } = parts
  try {
    why ??= import("./why.js")
    const { NOTE, reasons } = await why
    note.replaceChildren(
      ...NOTE.map((one) => (one.page ? make("a", { href: new URL(one.page, SITE).href }, one.words) : one)),
    )
    explain = explain ? null : reasons
  } catch {
    why = null
    status.textContent = "The reasons could not be loaded. Check the connection, then press again."
    return
  }
  whyButton.setAttribute("aria-pressed", String(explain !== null))
  note.hidden = !explain
  for (const item of list.children) addReasons(item)
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

function count(total, shown) {
  if (!total) return "No section has these words."
  const sections = total === 1 ? "1 section" : `${total} sections`
  return shown < total ? `${sections}, the best ${shown} first` : sections
}

/** The question in the field, as long as may be: a script or an address can put in more than the field lets a reader type. */
const asked = ({ value, maxLength }) => value.slice(0, maxLength)

/** Keeps the question in the address, so that it can be shared. */
function writeAddress(question) {
  const address = new URL(location.href)
  if (question) address.searchParams.set("q", question)
  else address.searchParams.delete("q")
  goTo(address)
}

/** Shows what answers the question in the field. */
async function show() {
  const { input, status, list, more, note, whyButton, dialog } = parts
  const question = asked(input).trim()
  if (dialog.open) writeAddress(question)
  if (!question) {
    list.replaceChildren()
    more.hidden = true
    whyButton.hidden = true
    note.hidden = true
    status.textContent = ""
    list.dataset.answers = ""
    return
  }
  const found = rank(await index, asked(input))
  if (question !== asked(input).trim()) return // the reader has typed on
  const first = firstOf(found)
  const rowOf = (result) => row(result, found.indexOf(result) + 1, found.length)
  list.replaceChildren(...first.map(rowOf))
  list.dataset.answers = question
  const cut = input.value.length >= input.maxLength ? `Only the first ${input.maxLength} characters are searched. ` : ""
  status.textContent = cut + count(found.length, first.length)
  whyButton.hidden = !found.length
  note.hidden = !explain || !found.length
  more.hidden = first.length === found.length
  more.onclick = () => {
    const rest = found.filter((result) => !first.includes(result)).map(rowOf)
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
  parts = {
    dialog,
    input: find("input"),
    status: find("[role=status]"),
    whyButton: find(".search-why"),
    note: find(".search-note"),
    list: find("ol"),
    more: find(".search-more"),
  }
  parts.whyButton.addEventListener("click", toggleWhy)
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
