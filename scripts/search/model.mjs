// all-MiniLM-L6-v2 in Node: the same weights and runtime as in the reader's browser, laid out by `make vendor`.

import { readFileSync } from "node:fs"

const FOLDER = new URL("../../docs/assets/vendor/embedding/", import.meta.url)

const read = (name) => readFileSync(new URL(name, FOLDER))

/** The lines of the model's vocabulary, in order of frequency as BERT's authors counted it. */
export const vocabulary = () => read("vocab.txt").toString("utf8").trimEnd().split("\n")

/** Starts the model. Throws where `make vendor` has not been run. */
export async function open() {
  const ort = await import(new URL("ort.wasm.min.mjs", FOLDER))
  ort.env.logLevel = "error"
  ort.env.wasm.numThreads = 1
  ort.env.wasm.wasmPaths = { mjs: new URL("ort-wasm-simd-threaded.mjs", FOLDER).href }
  ort.env.wasm.wasmBinary = read("ort-wasm-simd-threaded.wasm")
  const session = await ort.InferenceSession.create(read("model.onnx"), { executionProviders: ["wasm"] })

  /** The vectors of rows of equally many word pieces: the mean over the pieces, not made length 1. */
  async function meansOf(rows) {
    const shape = [rows.length, rows[0].length]
    const whole = (numbers) => new ort.Tensor("int64", numbers, shape)
    const input = {
      input_ids: whole(BigInt64Array.from(rows.flat(), BigInt)),
      attention_mask: whole(new BigInt64Array(shape[0] * shape[1]).fill(1n)),
      token_type_ids: whole(new BigInt64Array(shape[0] * shape[1])),
    }
    const wanted = Object.fromEntries(session.inputNames.map((name) => [name, input[name]]))
    const { data, dims } = (await session.run(wanted))[session.outputNames[0]]
    const width = dims[2]
    return rows.map((_, row) => {
      const mean = new Float32Array(width)
      for (let at = 0; at < shape[1] * width; at++) mean[at % width] += data[row * shape[1] * width + at] / shape[1]
      return mean
    })
  }

  return { meansOf }
}
