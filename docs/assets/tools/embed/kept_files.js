// Files of the site that outlive the page on the reader's device: models, checked and kept, and small ones for when there
// is no connection.

import { UserError, unbroken } from "../shared.js"

/** Opens a store by name; null where the browser has none to give. */
export async function openStore(name) {
  try {
    return await caches.open(name)
  } catch {
    return null
  }
}

/**
 * The site's answer for an address, kept for later; without a connection, the one kept before.
 * @param {string} url
 * @param {string} name  of the store
 * @returns {Promise<Response>}  rejects where there is no connection and nothing was kept
 */
export async function fetchOrKept(url, name) {
  const store = await openStore(name)
  let response
  try {
    response = await fetch(url, { cache: "no-cache" })
  } catch (error) {
    const kept = await store?.match(url)
    if (kept) return kept
    throw error
  }
  if (response.ok) await store?.put(url, response.clone()).catch(() => {}) // no room: it works for this visit
  return response
}

/** Whether bytes are the file that the manifest names. Without a secure connection only the size can be told. */
async function isRight(bytes, file) {
  if (bytes.length !== file.bytes) return false
  if (!crypto.subtle) return true
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") === file.sha256
}

/** Reads a response into one array, telling how far it is. */
async function readAll(response, file, onBytes) {
  const bytes = new Uint8Array(file.bytes)
  const reader = response.body.getReader()
  let length = 0
  const next = () => unbroken(reader.read())
  for (let part = await next(); !part.done; part = await next()) {
    if (length + part.value.length > file.bytes) throw new UserError(`${file.name} is longer than it should be.`)
    bytes.set(part.value, length)
    length += part.value.length
    onBytes(length)
  }
  return bytes.subarray(0, length)
}

/** The address of a file of a manifest, which changes with its content: by this a model's files are known in a store. */
export const urlOf = (file, base) => new URL(`${file.name}?${file.sha256.slice(0, 12)}`, base).href

/** Whether a file is on this device already, in whichever store. */
export const isKept = async (url) => Boolean(await globalThis.caches?.match(url).catch(() => null))

/**
 * One file's bytes: from the store if they are there and right, else from the site, and then into the store.
 * @param {{name: string, bytes: number, sha256: string}} file  of a manifest
 * @param {string} base  the address of the manifest's folder
 * @param {?Cache} store
 * @param {function(number): void} onBytes  told how many have come
 * @param {?AbortSignal} signal  stops the fetching; what was kept stays
 */
export async function bytesOf(file, base, store, onBytes, signal = null) {
  const url = urlOf(file, base)
  const kept = await store?.match(url)
  if (kept) {
    const bytes = new Uint8Array(await kept.arrayBuffer())
    if (await isRight(bytes, file)) return bytes
  }
  const response = await unbroken(fetch(url, { cache: "no-store", signal })) // one copy on the device is enough
  if (!response.ok) throw new UserError(`The site does not have ${file.name} (it answered ${response.status}).`)
  const bytes = await readAll(response, file, onBytes)
  if (!(await isRight(bytes, file))) throw new UserError(`${file.name} did not arrive whole. Try again.`)
  try {
    await store?.put(url, new Response(bytes))
  } catch {
    // No room, or not allowed: it works for this visit.
  }
  return bytes
}

/** Removes from the store what an older version of the site put there. */
export async function tidy(store, files, base) {
  const wanted = files.map((file) => urlOf(file, base))
  for (const request of (await store?.keys()) ?? []) {
    const isOfModel = request.url.startsWith(base) && !request.url.endsWith("manifest.json")
    if (isOfModel && !wanted.includes(request.url)) await store.delete(request)
  }
}

/** An address for what is already here, a script or another kind of file, so that starting needs no connection. */
export const addressOf = (bytes, type = "text/javascript") => URL.createObjectURL(new Blob([bytes], { type }))
