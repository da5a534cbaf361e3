// The language model that writes in the tab, SmolLM2-135M: fetched when the reader agrees, kept on the device, and run in a
// worker, step by step.

import { WRITER } from "../embed/models.js"
import { WorkerModel } from "../embed/worker_model.js"

export { inChat } from "./chat.js"

// What it is compiled to, as the smallest modules that need it: instructions for several numbers at once, and exceptions.
const NEEDED = [
  "0061736d010000000105016000017b030201000a0a0108004100fd0ffd620b",
  "0061736d01000000010401600000030201000a080106000640190b0b",
]

/** Whether this browser's WebAssembly has all that is needed. */
const canRun = () =>
  NEEDED.every((module) =>
    WebAssembly.validate(Uint8Array.from(module.match(/../g), (byte) => Number.parseInt(byte, 16))),
  )

const model = new WorkerModel({
  base: new URL("../../vendor/writer/", import.meta.url),
  script: new URL("worker.js", import.meta.url),
  store: WRITER.store,
  builtWithout:
    "This copy of the site was built without the language model. `make vendor` fetches it; then build again.",
  tooOld: "This browser cannot run the language model: its WebAssembly is too old.",
  canRun,
})

/** Whether an answer can be written here, and what that takes: see WorkerModel. */
export const available = () => model.available()

/** Fetches the model, or takes it from the device, and starts it: see WorkerModel. */
export const load = (onProgress) => model.load(onProgress)

/** Stops the model, also while it loads. What is kept on the device stays. */
export const unload = (reason) => model.unload(reason)

/**
 * Fetches an adapter, or takes it from the device.
 * @param {{name: string, bytes: number, sha256: string}} file
 * @param {string} base  the address of the file's folder
 * @param {function({done: number, total: number}): void} onProgress  bytes
 */
export async function fetchAdapter(file, base, onProgress) {
  if (hasAdapter(file)) return
  const { worker } = model
  await model.ask("fetchAdapter", { file, base }, onProgress)
  fetched = { worker, file }
}

// The adapter that was fetched, and the one that is in the model, each with the worker that has it: another has none.
let fetched = {}
let inside = {}
const of = ({ worker, file }) => (worker === model.worker ? file?.sha256 : undefined)

/** Whether an adapter was fetched for the model that is loaded. */
export const hasAdapter = (file) => of(fetched) === file.sha256

/** Whether an adapter is in the model; with none, whether the model is as it came. */
export const holds = (file) => of(inside) === file?.sha256

/** Puts an adapter that was fetched into the model; with none, takes the one out that is in it. */
export async function adapt(file) {
  if (holds(file)) return
  const { worker } = model
  inside = { worker, file } // for whoever asks next: the worker takes one task after the other
  try {
    await model.ask("adapt", { sha256: file?.sha256 })
  } catch (error) {
    if (model.worker === worker) model.unload() // nobody knows what is in it
    throw error
  }
}

/** Gives the model a text to go on from, of which `most` tokens are left for it; returns how many tokens it has. */
export const begin = (text, most) => model.ask("begin", { text, most })

/** Lets the model read a step on; returns how many tokens of the prompt are left. */
export const read = () => model.ask("read")

/** The next token of the answer as text; null at its end. */
export const write = () => model.ask("write")
