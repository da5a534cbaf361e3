// The models that tools fetch when a reader agrees: the store that keeps each on the device, the module that runs it, and
// what becomes of it.

export const EMBEDDING = {
  name: "embedding model",
  store: "prompt-retrieve-tune-embedding",
  open: () => import("./meaning_score.js"),
}

export const WRITER = {
  name: "language model",
  store: "prompt-retrieve-tune-writer",
  open: () => import("../write/writer.js"),
}

const REMOVED = "tool-model-removed"
const KEPT = "tool-model-kept"

/** Whether a store has files of a model: a list of them alone, for when there is no connection, is none. */
export async function holdsModel(name) {
  if (!(await globalThis.caches?.has(name).catch(() => false))) return false
  const requests = await (await caches.open(name)).keys()
  return requests.some(({ url }) => new URL(url).search)
}

/** Takes a model off this device; whatever runs it stops first. */
export async function removeModel(name) {
  dispatchEvent(new CustomEvent(REMOVED, { detail: name }))
  await globalThis.caches?.delete(name).catch(() => {})
  modelKept()
}

/** Calls back when the model of a store is removed, until a signal says so or a place on the page has left the document. */
export function onModelRemoved(name, callback, { signal, place }) {
  const listen = ({ detail }) => {
    if (place && !place.isConnected) removeEventListener(REMOVED, listen)
    else if (detail === name) callback()
  }
  addEventListener(REMOVED, listen, { signal })
}

/** Says on this page that models were kept or removed. */
export const modelKept = () => dispatchEvent(new Event(KEPT))

/** Calls back when models were kept or removed, until a place on the page has left the document. */
export function onModelKept(place, callback) {
  const listen = () => (place.isConnected ? callback() : removeEventListener(KEPT, listen))
  addEventListener(KEPT, listen)
}
