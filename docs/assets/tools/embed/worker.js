// Runs all-MiniLM-L6-v2 beside the page, so that the page stays awake. It fetches what `make vendor` laid out, checks
// it, keeps it on the reader's device, and turns sentences into vectors. One thread: more need headers that a plain file
// server does not send.

import { Tokenizer } from "./tokenizer.js"

const CACHE = "prompt-retrieve-tune-embedding"

/** Opens the store that outlives the page; null where the browser has none to give. */
async function openStore() {
  try {
    return await caches.open(CACHE)
  } catch {
    return null
  }
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
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (length + part.value.length > file.bytes) throw new Error(`${file.name} is longer than it should be.`)
    bytes.set(part.value, length)
    length += part.value.length
    onBytes(length)
  }
  return bytes.subarray(0, length)
}

/** One file's bytes: from the store if they are there and right, else from the site, and then into the store. */
async function bytesOf(file, base, store, onBytes) {
  const url = new URL(`${file.name}?${file.sha256.slice(0, 12)}`, base).href
  const kept = await store?.match(url)
  if (kept) {
    const bytes = new Uint8Array(await kept.arrayBuffer())
    if (await isRight(bytes, file)) return bytes
  }
  let response
  try {
    response = await fetch(url, { cache: "no-store" }) // one copy on the device is enough
  } catch {
    throw new Error("The connection broke. Nothing is lost: try again, and it goes on with the next file.")
  }
  if (!response.ok) throw new Error(`The site does not have ${file.name} (it answered ${response.status}).`)
  const bytes = await readAll(response, file, onBytes)
  if (!(await isRight(bytes, file))) throw new Error(`${file.name} did not arrive whole. Try again.`)
  try {
    await store?.put(url, new Response(bytes))
  } catch {
    // No room, or not allowed: it works for this visit.
  }
  return bytes
}

/** Removes from the store what an older version of the site put there. */
async function tidy(store, files, base) {
  const wanted = files.map((file) => new URL(`${file.name}?${file.sha256.slice(0, 12)}`, base).href)
  for (const request of (await store?.keys()) ?? []) {
    if (!wanted.includes(request.url) && !request.url.endsWith("manifest.json")) await store.delete(request)
  }
}

/** An address for a script that is already here, so that starting needs no connection. */
const addressOf = (bytes) => URL.createObjectURL(new Blob([bytes], { type: "text/javascript" }))

let ort, session, tokenizer

async function load({ base, manifest }, tell) {
  const store = await openStore()
  const here = new Map()
  let before = 0
  for (const file of manifest.files) {
    const onBytes = (bytes) => tell({ done: before + bytes, total: manifest.bytes })
    here.set(file.name, await bytesOf(file, base, store, onBytes))
    before += file.bytes
    tell({ done: before, total: manifest.bytes })
  }
  await tidy(store, manifest.files, base)
  tokenizer = new Tokenizer(new TextDecoder().decode(here.get("vocab.txt")))
  try {
    await start(here)
  } catch (error) {
    console.warn(error) // what a developer wants to know
    throw new Error("The model is here, and this device cannot start it. It may lack the memory.")
  }
}

/** Starts the model from files that are here. */
async function start(here) {
  ort = await import(addressOf(here.get("ort.wasm.min.mjs")))
  ort.env.logLevel = "error"
  ort.env.wasm.numThreads = 1
  ort.env.wasm.wasmPaths = { mjs: addressOf(here.get("ort-wasm-simd-threaded.mjs")) }
  ort.env.wasm.wasmBinary = here.get("ort-wasm-simd-threaded.wasm")
  session = await ort.InferenceSession.create(here.get("model.onnx"), { executionProviders: ["wasm"] })
}

/** A text's vector, of length 1: the mean over its pieces. One text at a time: rounding to 8 bits looks at all at once. */
async function vectorOf(text) {
  const ids = BigInt64Array.from(tokenizer.encode(text), BigInt)
  const whole = (numbers) => new ort.Tensor("int64", numbers, [1, ids.length])
  const input = {
    input_ids: whole(ids),
    attention_mask: whole(new BigInt64Array(ids.length).fill(1n)),
    token_type_ids: whole(new BigInt64Array(ids.length)),
  }
  const wanted = Object.fromEntries(session.inputNames.map((name) => [name, input[name]]))
  const output = (await session.run(wanted))[session.outputNames[0]]
  const width = output.dims[2]
  const mean = new Float32Array(width)
  for (let at = 0; at < output.data.length; at++) mean[at % width] += output.data[at]
  const length = Math.hypot(...mean) || 1
  return mean.map((number) => number / length)
}

async function embed({ texts }) {
  const vectors = []
  for (const text of texts) vectors.push(await vectorOf(text))
  return vectors
}

// Held for as long as this worker lives: the page waits for it, and gets it at once when the worker dies in silence.
async function holdLock({ name }) {
  if (!navigator.locks) return false
  await new Promise((held) => {
    navigator.locks.request(name, () => new Promise(() => held()))
  })
  return true
}

const tasks = { holdLock, load, embed, encode: ({ texts }) => texts.map((text) => tokenizer.encode(text)) }
let queue = Promise.resolve() // one after the other: the session takes one run at a time

addEventListener("message", ({ data }) => {
  const tell = (progress) => postMessage({ number: data.number, progress })
  queue = queue.then(async () => {
    try {
      postMessage({ number: data.number, value: await tasks[data.task](data, tell) })
    } catch (error) {
      postMessage({ number: data.number, error: String(error?.message ?? error) })
    }
  })
})
