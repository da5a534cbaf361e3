// What the tools share: building elements without HTML strings, state in the address, counting in words, files.

/** The site's own address. */
export const SITE = new URL("../../", import.meta.url)

/**
 * Builds an element. Text goes in as text, so nothing a reader types can become markup. Of the attributes a function
 * listens (`onclick`), and true sets one; what is false or null is left out, as are children that are null.
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

/** A tool's button; `more` are further attributes, its class too where it has another. */
export function button(words, onclick, more = {}) {
  return element("button", { type: "button", class: "tool-button", onclick, ...more }, words)
}

/** A number of things in words; `many` where more than an "s" tells them from one. */
export const count = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`

/** Waits until the browser has drawn what has changed. */
export const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve))

/** The parameters in the address. A malformed one reads as its text; nothing throws. */
export function readAddress() {
  return new URLSearchParams(location.search)
}

/**
 * Writes parameters into the address; `step` adds an entry to the history, for Back. The theme keeps the scroll position
 * in history.state, so that is carried over.
 */
export function writeAddress(parameters, step = false) {
  const url = new URL(location.href)
  url.search = new URLSearchParams(parameters).toString()
  goTo(url, step)
}

/** Puts an address in place of the page's. Safari throws at more than 100 in ten seconds: then the next change writes it. */
export function goTo(url, step = false) {
  if (url.href === location.href) return
  try {
    history[step ? "pushState" : "replaceState"](history.state, "", url)
  } catch (error) {
    if (error.name !== "SecurityError") throw error
  }
}

/** Calls back when the reader goes back or forward, until the tool's place has left the document. */
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

/** What went wrong, in a sentence for the reader. The message of any other error is for a developer. */
export class UserError extends Error {}

export const BROKEN = "The connection broke. What came whole is kept: try again, and it goes on with the rest."

/** What comes over the connection; where it breaks, what the reader can do. A script that cannot be read is no such case. */
export async function unbroken(coming) {
  try {
    return await coming
  } catch (error) {
    throw error instanceof SyntaxError ? error : new UserError(BROKEN)
  }
}

const files = new Map() // what is here or coming, by address

/** What `read` makes of a file, fetched once. Rejects with the cause where it does not come; it can be tried again. */
export function fetchOnce({ href }, read) {
  if (!files.has(href)) {
    const coming = fetch(href).then((response) => {
      if (!response.ok) throw new Error(`${href}: status ${response.status}`)
      return read(response)
    })
    files.set(href, coming)
    coming.catch(() => files.delete(href))
  }
  return files.get(href)
}

/** The object in a JSON file: the same for all who ask. */
export const fetchJson = (url) => fetchOnce(url, (response) => response.json())

/** The data of a tool; null where it does not come, which its place then says, or comes after that place was left. */
export async function dataFor(place, coming, notFetched) {
  try {
    const data = await coming
    return place.isConnected ? data : null
  } catch (error) {
    console.warn(error) // what a developer wants to know
    place.style.minHeight = ""
    place.replaceChildren(element("p", { class: "tool-message is-error", role: "status" }, notFetched))
    return null
  }
}

/**
 * Builds a tool into its place once its data is there, and says that it is coming, or that it did not come.
 * @param {function(*): {node: Node, followAddress: function()}} build  makes the tool of what is `coming`
 */
export async function mountWithData(place, coming, build, { fetching, notFetched }) {
  place.replaceChildren(element("p", { class: "tool-message" }, fetching))
  const data = await dataFor(place, coming(), notFetched)
  if (!data) return
  const tool = build(data)
  place.replaceChildren(tool.node)
  onAddressChange(place, () => tool.followAddress())
}
