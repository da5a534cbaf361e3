// What the tools share: building elements without HTML strings, state in the address, saying things aloud, files.

/** The site's own address. */
export const SITE = new URL("../../", import.meta.url)

/**
 * Builds an element. Text goes in as text, so nothing a reader types can become markup.
 * @param {string} name  the tag
 * @param {Object} attributes  attributes; a function is a listener (`onclick`), a boolean sets or leaves out, null leaves out
 * @param {...(Node|string|null)} children  null is left out
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key.slice(2), value)
    else if (value !== null && value !== undefined && value !== false)
      made.setAttribute(key, value === true ? "" : value)
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined))
  return made
}

/** Builds an element of SVG. */
export function drawn(name, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children)
  return made
}

/** A tool's button; `more` are further attributes, its class among them where it has another. */
export function button(words, onclick, more = {}) {
  return element("button", { type: "button", class: "tool-button", onclick, ...more }, words)
}

/** The parameters in the page's address. A malformed one reads as its text; nothing throws. */
export function readAddress() {
  return new URLSearchParams(location.search)
}

/**
 * Writes parameters into the address, so that it can be shared and survives a reload.
 * `step` adds an entry to the history (for Back); otherwise the present one is replaced. The theme keeps the scroll
 * position in history.state, so that is carried over.
 */
export function writeAddress(parameters, step = false) {
  const url = new URL(location.href)
  url.search = new URLSearchParams(parameters).toString()
  if (url.href === location.href) return
  history[step ? "pushState" : "replaceState"](history.state, "", url)
}

/** Calls back when the reader goes back or forward within the page, until the tool's place has left the document. */
export function onAddressChange(place, callback) {
  const listen = () => (place.isConnected ? callback() : removeEventListener("popstate", listen))
  addEventListener("popstate", listen)
}

/** Adds a stylesheet once; `name` is a file beside this one. */
export function addStyle(name) {
  const href = new URL(name, import.meta.url).href
  if (document.querySelector(`link[href="${href}"]`)) return
  document.head.append(element("link", { rel: "stylesheet", href }))
}

/** Offers text as a file. */
export function download(name, text, type = "text/markdown") {
  const link = element("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 1000)
}

/** The object in a JSON file. Rejects where it does not come, with the cause. */
export async function fetchJson(url) {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url}: status ${response.status}`)
  return response.json()
}

/**
 * Builds a tool into its place once its data is there, and says in words that it is coming, or that it did not come.
 * @param {function(): Promise} coming  gets the data
 * @param {function(*): {node: Node, followAddress: function()}} build  makes the tool of it
 * @param {{fetching: string, notFetched: string}} words
 */
export async function mountWithData(place, coming, build, { fetching, notFetched }) {
  place.replaceChildren(element("p", { class: "tool-message" }, fetching))
  try {
    const data = await coming()
    if (!place.isConnected) return
    const tool = build(data)
    place.replaceChildren(tool.node)
    onAddressChange(place, () => tool.followAddress())
  } catch (error) {
    console.warn(error) // what a developer wants to know
    place.style.minHeight = ""
    place.replaceChildren(element("p", { class: "tool-message is-error", role: "status" }, notFetched))
  }
}
