// Small repairs to the theme, made as it builds its parts. Everything on the site reads without this file.

// A table wider than the screen scrolls in its own box: let the keyboard reach that box. Code too, for which the theme
// does so only where there is a mouse. Their sizes are told by the browser when it knows them: to ask would make it lay out
// the whole page at once.
const boxes = new ResizeObserver((entries) => {
  for (const { target } of entries) reachBox(target)
})
const boxed = new WeakSet()

function reachBox(box) {
  const scrolls = box.scrollWidth > box.clientWidth
  if (box.matches("code")) {
    if (scrolls && !box.hasAttribute("tabindex")) box.tabIndex = 0
  } else if (scrolls) {
    if (box.tabIndex !== 0) box.tabIndex = 0 // setting it again would wake the observer below for ever
    box.setAttribute("role", "group")
    box.setAttribute("aria-label", "Table, scrolls sideways")
  } else {
    box.removeAttribute("tabindex")
  }
}

function reachBoxes() {
  for (const box of document.querySelectorAll("pre > code, .md-typeset__scrollwrap")) {
    if (!boxed.has(box)) boxes.observe(box)
    boxed.add(box)
  }
}

// The theme makes each copy button a landmark of its own, leaves each code annotation without a name, and lets only the
// mouse go back a level in the drawer.
function nameParts() {
  for (const back of document.querySelectorAll(".md-nav--primary .md-nav .md-nav__title:not([tabindex])")) back.tabIndex = 0
  for (const nav of document.querySelectorAll("nav.md-code__nav:not([role])")) nav.setAttribute("role", "presentation")
  for (const mark of document.querySelectorAll("a.md-annotation__index:not([aria-label])")) {
    mark.setAttribute("aria-label", `Note ${mark.firstElementChild.dataset.mdAnnotationId}`)
  }
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

// On paper, a link that leads away from the guide prints its address (site.css); one within the guide does not.
function markOutside() {
  const outside = `.md-content a[href^=http]:not([href^="${location.origin}/"], .elsewhere)`
  for (const link of document.querySelectorAll(outside)) link.classList.add("elsewhere")
}

// An element with `data-tool="decide"` becomes that tool: tools/decide.js is fetched there and nowhere else.
const tools = new URL("tools/", document.currentScript.src)
async function mountTools() {
  for (const place of document.querySelectorAll("[data-tool]:not([data-mounted])")) {
    place.dataset.mounted = ""
    const tool = await import(new URL(`${place.dataset.tool}.js`, tools))
    tool.mount(place)
  }
}

function repair() {
  reachBoxes()
  nameParts()
  viewPrograms()
  markOutside()
  mountTools()
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

// A program that is copied ends as its file does, with a line end, which the theme leaves out. A command does not: pasted
// into a terminal, it should wait for Enter.
function copyToTheEnd(event) {
  const button = event.target.closest?.(".language-python [data-clipboard-target]")
  if (!button) return
  const code = document.querySelector(button.dataset.clipboardTarget)
  code.dataset.mdCopying = "" // hides what is not code, as the theme does while it copies
  button.dataset.clipboardText = code.innerText
  delete code.dataset.mdCopying
}
addEventListener("click", copyToTheEnd, true)

// While a page arrives, a style (overrides/main.html) keeps the browser from laying out what is some screens down, and names
// those pieces. Then a few at a time, so that nothing else waits.
async function layOutTheRest() {
  const arriving = document.getElementById("arriving")
  const idle = globalThis.requestIdleCallback ?? setTimeout
  const turn = () => new Promise((done) => idle(done))
  await turn() // the theme may have built its parts in the same turn
  for (let piece, count = 1; arriving?.isConnected && (piece = document.querySelector(arriving.dataset.pieces)); count++) {
    piece.classList.add("arrived")
    if (count % 12 === 0 || piece.matches(".highlight")) await turn()
  }
  arriving?.remove()
}
addEventListener("load", layOutTheRest)

new MutationObserver((changes) => {
  for (const { target, type } of changes) if (type === "attributes" && boxed.has(target)) reachBox(target)
  if (changes.some(({ type }) => type === "childList")) repair()
}).observe(document.body, { childList: true, subtree: true, attributeFilter: ["tabindex"] })
repair()
