// Runs SmolLM2-135M beside the page, in llama.cpp as wllama compiled it: one step of reading or writing whenever the page
// asks for one, so that it rests as soon as the page asks for no more. One thread: more need headers that a plain file
// server does not send.

import { bytesOf, openStore, tidy } from "../embed/kept_files.js"
import { WRITER } from "../embed/models.js"
import { filesOf, serve, started } from "../embed/tasks.js"
import { UserError } from "../shared.js"
import { adapted } from "./adapt.js"

const CONTEXT = 2048 // tokens that the model keeps in mind, prompt and answer together
const STEP = 64 // tokens of a prompt that are read at a time
const PART = /\.gguf\.\d+$/ // of the model's file, which is cut because a host limits the size of one

let runtime // what opens a model's file
let plain // the model's file as it came
let model // a Wllama that has a file open
const adapters = new Map() // what was fetched, by checksum
let unread = [] // tokens of the prompt
let decoder // of the answer: a letter may come in two tokens

async function load(what, tell) {
  // As blobs, which the browser may keep on its disk: the model stands in memory once, where it runs.
  const here = await filesOf(what, WRITER.store, tell, (bytes) => new Blob([bytes]))
  plain = new Blob([...here].filter(([name]) => PART.test(name)).map(([, blob]) => blob))
  await started(async () => {
    runtime = await start(here)
    await open(plain)
  })
}

async function start(here) {
  const address = (name, type) => URL.createObjectURL(new Blob([here.get(name)], { type }))
  const { Wllama } = await import(address("wllama.min.js", "text/javascript"))
  // wllama resolves what it fetches against the page's address, which a worker lacks; what it fetches here is whole.
  globalThis.document ??= { baseURI: location.href }
  const quiet = { debug() {}, log() {}, warn() {}, error: console.warn }
  const paths = { "single-thread/wllama.wasm": address("wllama.wasm", "application/wasm") }
  return () => new Wllama(paths, { suppressNativeLog: true, logger: quiet })
}

async function open(file) {
  model = runtime()
  await model.loadModel([file], { n_ctx: CONTEXT, n_batch: STEP, n_threads: 1, seed: 1 })
}

/** Fetches an adapter, a file beside `base`, or takes it from the device. */
async function fetchAdapter({ file, base }, tell) {
  const store = await openStore(WRITER.store)
  const onBytes = (bytes) => tell({ done: bytes, total: file.bytes })
  adapters.set(file.sha256, await bytesOf(file, base, store, onBytes))
  await tidy(store, [file], base)
}

/** Runs the model with an adapter that was fetched, by its checksum; with none as it came. */
async function adapt({ sha256 }) {
  const thin = adapters.get(sha256)
  await started(async () => {
    await model.exit() // first: there is no room for two
    await open(thin ? new Blob(adapted(await plain.arrayBuffer(), thin.buffer)) : plain)
  })
}

/** Takes a text to read, in place of the one before; `most` tokens are left for the answer. */
async function begin({ text, most }) {
  const tokens = await model.tokenize(text, true)
  const room = CONTEXT - most
  if (tokens.length > room) {
    const [long, limit] = [tokens.length, room].map((number) => number.toLocaleString("en"))
    throw new UserError(
      `The prompt has ${long} tokens, and the model reads ${limit} at most. Choose fewer or shorter passages.`,
    )
  }
  await model.kvClear()
  await model.samplingInit({ temp: 0 }) // always the likeliest token
  unread = tokens
  decoder = new TextDecoder()
  return tokens.length
}

/** Reads on; returns how many tokens of the prompt are left. */
async function read() {
  const step = unread.slice(0, STEP)
  await model.decode(step, {})
  unread = unread.slice(STEP)
  return unread.length
}

/** The next token of the answer as text; null at its end. */
async function write() {
  const { token, piece } = await model.samplingSample()
  if (model.isTokenEOG(token)) return null
  await model.decode([token], {})
  return decoder.decode(piece, { stream: true })
}

serve({ load, fetchAdapter, adapt, begin, read, write })
