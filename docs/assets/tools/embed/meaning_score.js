// Which points of a rubric does an answer speak of? Compared by meaning, sentence by sentence, with the same model as the
// retrieval pages use, on the reader's own device. What the score can and cannot see is measured on the practice page.

import { fetchJson } from "../shared.js"
import { fetchOrKept, urlOf } from "./kept_files.js"

const BASE = new URL("../../vendor/embedding/", import.meta.url)
const MANIFEST = new URL("manifest.json", BASE).href
const THRESHOLDS = new URL("thresholds.json", import.meta.url)
const LONGEST_ANSWER = 12_000 // letters: ten minutes' talk
const MOST_SENTENCES = 100
const LONGEST_SENTENCE = 1000

const BUILT_WITHOUT =
  "This copy of the site was built without the model. Score yourself, or run `make vendor` and build again."
const OFFLINE = "You are offline, and the model is not on this device yet."
const DIED = "The model stopped without a word: this device may lack the memory. You can try again."
const CACHE = "prompt-retrieve-tune-embedding"
const TOO_OLD = "This browser cannot run the model."

let worker, loading, thresholds
let count = 0
const waiting = new Map()
const known = new Map() // the vectors of phrasings that were compared before

async function readManifest() {
  let response
  try {
    response = await fetchOrKept(MANIFEST, CACHE)
  } catch {
    throw new Error(OFFLINE)
  }
  if (!response.ok) throw new Error(BUILT_WITHOUT)
  try {
    return await response.json()
  } catch {
    throw new Error(BUILT_WITHOUT) // a page that says that there is no such file
  }
}

/** Whether every file is on this device already. */
async function isKept(manifest) {
  for (const file of manifest.files) {
    const url = urlOf(file, BASE)
    if (!(await globalThis.caches?.match(url).catch(() => null))) return false
  }
  return true
}

/**
 * Whether answers can be compared here. Fetches a list of files, none of the files.
 * @returns {Promise<{ready: boolean, bytes: number, kept: boolean, reason: string}>}  `bytes` is what the model takes on
 * the device; `kept` says that it is there already; `reason` is a sentence for the reader where `ready` is false
 */
export async function available() {
  const no = (reason) => ({ ready: false, bytes: 0, kept: false, reason })
  if (!globalThis.Worker || !globalThis.WebAssembly) return no(TOO_OLD)
  try {
    const manifest = await readManifest()
    const kept = await isKept(manifest)
    if (!kept && navigator.onLine === false) return no(OFFLINE)
    return { ready: true, bytes: manifest.bytes, kept, reason: "" }
  } catch (error) {
    return no(error.message)
  }
}

function ask(task, more = {}, onProgress = () => {}) {
  return new Promise((resolve, reject) => {
    const number = ++count
    waiting.set(number, { resolve, reject, onProgress })
    worker.postMessage({ number, task, ...more })
  })
}

function hear({ data }) {
  const one = waiting.get(data.number)
  if (!one) return
  if (data.progress) return one.onProgress(data.progress)
  waiting.delete(data.number)
  if (data.error === undefined) one.resolve(data.value)
  else one.reject(new Error(data.error))
}

/** Stops the model, also while it loads, and gives its memory back. What is kept on the device stays. */
export function unload(reason = "Stopped.") {
  worker?.terminate()
  worker = loading = undefined
  for (const one of waiting.values()) one.reject(new Error(reason))
  waiting.clear()
}

/** Notices at once when the worker dies without a message: then the lock that it held is free. */
async function watch() {
  const watched = worker
  const name = `prompt-retrieve-tune-worker-${Date.now()}-${Math.random()}`
  if (!(await ask("holdLock", { name }))) return // a browser without locks, or a page without a secure connection
  navigator.locks.request(name, () => {
    if (worker === watched) unload(DIED)
  })
}

/** Takes the model off this device, and stops it where it runs. */
export async function remove() {
  unload()
  await globalThis.caches?.delete(CACHE)
}

async function start(onProgress) {
  const manifest = await readManifest()
  thresholds ??= await fetchJson(THRESHOLDS)
  worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" })
  worker.addEventListener("message", hear)
  worker.addEventListener("error", (event) => {
    event.preventDefault()
    unload(TOO_OLD)
  })
  await watch()
  await ask("load", { base: BASE.href, manifest }, onProgress)
}

/**
 * Fetches the model (or takes it from the device) and starts it. Once loaded it needs no connection. A second call waits
 * for the first. Rejects with a sentence for the reader; call again to try again.
 * @param {function({done: number, total: number}): void} onProgress  bytes
 */
export function load(onProgress = () => {}) {
  loading ??= start(onProgress).catch((error) => {
    unload()
    throw error
  })
  return loading
}

/** An answer's sentences; what says nothing in letters or figures is left out. */
function sentencesOf(answer) {
  const sentences = answer
    .slice(0, LONGEST_ANSWER)
    .replace(/([.!?])\s+/g, "$1\n")
    .split(/\n+/)
  const cut = sentences.map((one) => one.trim().slice(0, LONGEST_SENTENCE))
  return cut.filter((one) => /[\p{L}\p{N}]/u.test(one)).slice(0, MOST_SENTENCES)
}

/** What is compared of an answer: each sentence, and each two that follow one another, since a point may take two. */
export function partsOf(answer) {
  const sentences = sentencesOf(answer)
  const pairs = sentences.slice(1).map((second, index) => `${sentences[index]} ${second}`)
  return [...new Set([...sentences, ...pairs])]
}

/** The vectors of some texts, in order. For tests; the page calls score(). */
export const vectorsOf = (texts) => ask("embed", { texts })

/** The numbers of each text's word pieces. For tests. */
export const piecesOf = (texts) => ask("encode", { texts })

/** The products of two vectors of length 1, summed: their cosine. */
const cosine = (one, other) => one.reduce((sum, number, index) => sum + number * other[index], 0)

/** The part of an answer that comes nearest to any phrasing, and how near; "" and 0 where there is none. */
function nearest(parts, vectors, phrasings) {
  let best = { similarity: 0, sentence: "" }
  for (const [index, vector] of vectors.entries()) {
    for (const phrasing of phrasings) {
      const similarity = cosine(vector, known.get(phrasing))
      if (similarity > best.similarity) best = { similarity, sentence: parts[index] }
    }
  }
  return best
}

/**
 * What a similarity means.
 * @param {number} similarity
 * @param {{covered: number, unsure: number}} limits  from where on
 */
export function verdictOf(similarity, { covered, unsure }) {
  if (similarity >= covered) return "covered"
  return similarity >= unsure ? "unsure" : "missed"
}

/**
 * Compares an answer, sentence by sentence, with each phrasing of each point. Call load() first. "covered" says that the
 * answer speaks of the point, not that what it says is right: the model does not notice a "not".
 * @param {string} answer
 * @param {{id: string, text?: string, point?: string, phrasings: string[]}[]} points
 * @returns {Promise<{id: string, similarity: number, verdict: "covered"|"unsure"|"missed", sentence: string}[]>}  in the
 * order of the points; `sentence` is the sentence, or the two, that come nearest; "" when the answer has none
 */
export async function score(answer, points) {
  await loading
  if (!worker) throw new Error("The model is not loaded.")
  const parts = partsOf(answer)
  const phrasings = points.map((point) => [point.text ?? point.point, ...point.phrasings].filter(Boolean))
  const fresh = [...new Set(phrasings.flat())].filter((text) => !known.has(text))
  for (const [index, vector] of (await vectorsOf(fresh)).entries()) known.set(fresh[index], vector)
  const vectors = await vectorsOf(parts)
  return points.map(({ id }, index) => {
    const { similarity, sentence } = nearest(parts, vectors, phrasings[index])
    return { id, similarity, verdict: verdictOf(similarity, thresholds), sentence }
  })
}
