// What every model's worker does: it takes tasks from the page, one after the other, and fetches the model's files.

import { UserError } from "../shared.js"
import { bytesOf, openStore, tidy } from "./kept_files.js"

/**
 * The model's files: from the store, else from the site, checked and kept.
 * @param {{base: string, manifest: {bytes: number, files: Object[]}}} what  as embed/worker_model.js gives it
 * @param {string} storeName
 * @param {function({done: number, total: number}): void} tell  how many bytes are here
 * @param {function(Uint8Array): *} held  as what a file's bytes wait until the model starts
 * @returns {Promise<Map<string, *>>}  by name
 */
export async function filesOf({ base, manifest }, storeName, tell, held = (bytes) => bytes) {
  const store = await openStore(storeName)
  const here = new Map()
  let before = 0
  for (const file of manifest.files) {
    const onBytes = (bytes) => tell({ done: before + bytes, total: manifest.bytes })
    here.set(file.name, held(await bytesOf(file, base, store, onBytes)))
    before += file.bytes
    tell({ done: before, total: manifest.bytes })
  }
  await tidy(store, manifest.files, base)
  return here
}

/** Starts a model. What goes wrong is for a developer; a reader is told what it means. */
export async function started(start) {
  try {
    await start()
  } catch (error) {
    console.warn(error)
    throw new UserError("The model is here, and this device cannot start it. It may lack the memory.")
  }
}

// Held for as long as this worker lives: the page waits for it, and gets it at once when the worker dies in silence.
async function holdLock({ name }) {
  if (!navigator.locks) return false
  await new Promise((held) => {
    navigator.locks.request(name, () => new Promise(() => held()))
  })
  return true
}

/**
 * Does what the page asks for.
 * @param {Object<string, function(Object, function(Object): void): *>} tasks  by name; given the message, and what tells
 *   the page how far it is
 */
export function serve(tasks) {
  const all = { holdLock, ...tasks }
  let queue = Promise.resolve()
  const answer = async (data) => {
    const tell = (progress) => postMessage({ number: data.number, progress })
    try {
      postMessage({ number: data.number, value: await all[data.task](data, tell) })
    } catch (error) {
      const isUserError = error instanceof UserError
      postMessage({ number: data.number, error: String(error?.message ?? error), isUserError })
    }
  }
  addEventListener("message", ({ data }) => {
    queue = queue.then(() => answer(data))
  })
}
