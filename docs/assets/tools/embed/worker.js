// Runs all-MiniLM-L6-v2 beside the page, so that the page stays awake. It fetches what `make vendor` laid out, checks
// it, keeps it on the reader's device, and turns sentences into vectors. One thread: more need headers that a plain file
// server does not send.

import { addressOf } from "./kept_files.js"
import { EMBEDDING } from "./models.js"
import { filesOf, serve, started } from "./tasks.js"
import { Tokenizer } from "./tokenizer.js"

let ort, session, tokenizer

async function load(what, tell) {
  const here = await filesOf(what, EMBEDDING.store, tell)
  tokenizer = new Tokenizer(new TextDecoder().decode(here.get("vocab.txt")))
  await started(() => start(here))
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

// One after the other: the session takes one run at a time.
serve({ load, embed, encode: ({ texts }) => texts.map((text) => tokenizer.encode(text)) })
