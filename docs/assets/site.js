// Small repairs to the theme, made on each page it shows. Everything on the site reads without this file.

import { addCopyButtons } from "./copy.js"
import { watchBox } from "./scroll_boxes.js"
import "./search/open.js"

function reachBoxes() {
  for (const box of document.querySelectorAll("pre > code, .md-typeset__scrollwrap")) watchBox(box)
}

function nameParts() {
  // The theme lets only the mouse go back a level in the drawer.
  for (const back of document.querySelectorAll(".md-nav--primary .md-nav .md-nav__title:not([tabindex])"))
    back.tabIndex = 0
  // Markdown has no way to say that the corner of a table heads nothing.
  for (const corner of document.querySelectorAll("thead th:empty")) corner.replaceWith(document.createElement("td"))
}

// Pages hosts send a .py file as a download. Where the repository is known, "View" shows the program there instead.
function viewPrograms() {
  const repository = document.querySelector("meta[name=repository]")?.content
  if (!repository) return
  for (const save of document.querySelectorAll(".highlight + p > a[download]")) {
    const view = save.parentElement.querySelector("a:not([download])")
    const file = view?.href.split("/snippets/")[1]
    if (file && view.origin === location.origin) view.href = `${repository}/blob/main/snippets/${file}`
  }
}

// On paper, a link that leads away from the guide prints its address (print.css); one within the guide does not.
function markOutside() {
  const outside = `.md-content a[href^=http]:not([href^="${location.origin}/"], .elsewhere)`
  for (const link of document.querySelectorAll(outside)) link.classList.add("elsewhere")
}

// An element with `data-tool="decide"` becomes that tool: tools/decide.js is fetched there and nowhere else.
async function mountTools() {
  for (const place of document.querySelectorAll("[data-tool]:not([data-mounted])")) {
    place.dataset.mounted = ""
    try {
      const tool = await import(`./tools/${place.dataset.tool}.js`)
      await tool.mount(place)
    } catch (error) {
      console.warn(error) // what a developer wants to know
      sayThatItIsMissing(place)
    }
  }
}

// A tool whose script did not arrive says so where it would stand.
function sayThatItIsMissing(place) {
  const words = document.createElement("p")
  words.setAttribute("role", "alert")
  words.textContent =
    "The tool that stands here did not load. Reload the page to try again; what it knows is below, as text."
  place.replaceChildren(words)
  place.style.minHeight = ""
}

// A page reached through the search marks the words by which it was found; its address says which.
async function markFound() {
  const address = new URL(location.href)
  const words = address.searchParams.get("h")
  if (!words) return
  address.searchParams.delete("h")
  history.replaceState(history.state, "", address)
  const { highlight } = await import("./search/highlight.js")
  highlight(new Set(words.split(" ")))
}

function repair() {
  addCopyButtons()
  reachBoxes()
  nameParts()
  viewPrograms()
  markOutside()
  mountTools()
  markFound()
}

// Escape closes the drawer.
addEventListener("keydown", (event) => {
  const drawer = document.getElementById("__drawer")
  if (event.key === "Escape" && drawer.checked) drawer.click()
})

// The skip link puts the focus on the heading it names. The theme would read the page anew first, and a reader who goes
// on at once would start from the top again.
function skip(event) {
  const link = event.target.closest?.(".md-skip")
  const heading = link && document.getElementById(decodeURIComponent(link.hash.slice(1)))
  if (!heading) return
  event.preventDefault()
  event.stopPropagation()
  heading.tabIndex = -1
  heading.focus()
}
addEventListener("click", skip, true)

// The theme's own signal, after which it lays its boxes around tables.
if (window.document$) window.document$.subscribe(repair)
else repair()
