// A model with a LoRA adapter added to its weights: the sum of the matrix and the product of two thin ones. Pure; a unit test
// compares it with the same in Python.
//
// wllama 2.3.7 takes no adapter beside a model, so the sum is written into a file of its own. The model's matrices are in 4
// bits, in which an adapter would drown; the sums get 8. https://github.com/ggml-org/llama.cpp/blob/master/ggml/src/ggml-quants.c

import { readGguf, writeGguf } from "./gguf.js"

const F32 = 0
const F16 = 1
const Q4_1 = 3 // blocks of 32: a factor, a smallest number, 32 times 4 bits
const Q8_0 = 8 // blocks of 32: a factor, 32 whole numbers
const BLOCK = 32
const BYTES = { [F32]: 4, [F16]: 2, [Q4_1]: 20 / BLOCK, [Q8_0]: 34 / BLOCK } // of a number
const LARGEST = 127

/** The number that 16 bits stand for. */
export function fromHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** The 16 bits that are nearest to a number that is not negative and not too large for them. */
export function toHalf(number) {
  if (number < 2 ** -14) return Math.round(number * 2 ** 24)
  const exponent = Math.floor(Math.log2(number))
  // A fraction that rounds up to 1,024 carries over into the exponent, as it should.
  return ((exponent + 15) << 10) + Math.round((number / 2 ** exponent - 1) * 1024)
}

const HALVES = Float32Array.from({ length: 2 ** 16 }, (_, bits) => fromHalf(bits))

/** The numbers of a tensor that a file holds in 16 bits, row after row. */
function halvesOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Float32Array.from({ length: bytes.length / 2 }, (_, at) => HALVES[view.getUint16(2 * at, true)])
}

/** Reads a row of blocks of Q4_1 into `row`: in each, the first 16 numbers are the low halves of the bytes. */
function readRow(bytes, at, row) {
  for (let block = 0; block < row.length; block += BLOCK, at += 20) {
    const factor = HALVES[bytes[at] | (bytes[at + 1] << 8)]
    const smallest = HALVES[bytes[at + 2] | (bytes[at + 3] << 8)]
    for (let one = 0; one < BLOCK / 2; one++) {
      const both = bytes[at + 4 + one]
      row[block + one] = factor * (both & 15) + smallest
      row[block + BLOCK / 2 + one] = factor * (both >> 4) + smallest
    }
  }
}

/** Writes a row as blocks of Q8_0. */
function writeRow(row, bytes, at) {
  for (let block = 0; block < row.length; block += BLOCK, at += 34) {
    let most = 0
    for (let one = 0; one < BLOCK; one++) most = Math.max(most, Math.abs(row[block + one]))
    const factor = most / LARGEST
    const half = toHalf(factor)
    bytes[at] = half & 255
    bytes[at + 1] = half >> 8
    for (let one = 0; one < BLOCK; one++) bytes[at + 2 + one] = factor ? Math.round(row[block + one] / factor) : 0
  }
}

/**
 * A matrix with the product of two thin ones added: W + scale × B A.
 * @param {Uint8Array} bytes  W in blocks of Q4_1, of `rows` × `width` numbers
 * @param {Float32Array} a  of rank × width numbers
 * @param {Float32Array} b  of rows × rank numbers
 * @returns {Uint8Array}  in blocks of Q8_0
 */
export function summed(bytes, [width, rows], a, b, scale) {
  const rank = a.length / width
  const row = new Float32Array(width)
  const sum = new Uint8Array(rows * width * BYTES[Q8_0])
  for (let number = 0; number < rows; number++) {
    readRow(bytes, number * width * BYTES[Q4_1], row)
    for (let of = 0; of < rank; of++) {
      const factor = scale * b[number * rank + of]
      for (let at = 0; at < width; at++) row[at] += factor * a[of * width + at]
    }
    writeRow(row, sum, number * width * BYTES[Q8_0])
  }
  return sum
}

/** The bytes of a tensor in its file. */
function tensorBytes(buffer, { data }, { name, shape, kind, offset }) {
  if (!(kind in BYTES)) throw new Error(`${name} is of kind ${kind}, which nobody reads here`)
  const length = shape.reduce((product, one) => product * one, 1) * BYTES[kind]
  return new Uint8Array(buffer, data + offset, length)
}

/**
 * The file of a model with an adapter added to its weights.
 * @param {ArrayBuffer} model  of matrices in Q4_1, as our SmolLM2 is
 * @param {ArrayBuffer} adapter  as llama.cpp's convert_lora_to_gguf.py writes it, in 16 bits
 * @returns {Uint8Array[]}  one after the other they are the file
 */
export function adapted(model, adapter) {
  const [file, added] = [readGguf(model), readGguf(adapter)]
  const thin = new Map(added.tensors.map((one) => [one.name, one]))
  const numbers = (one) => halvesOf(tensorBytes(adapter, added, one))
  const tensors = file.tensors.map((one) => {
    const bytes = tensorBytes(model, file, one)
    const a = thin.get(`${one.name}.lora_a`)
    if (!a) return { ...one, bytes }
    if (one.kind !== Q4_1) throw new Error(`${one.name} is of kind ${one.kind}, not in 4 bits`)
    const scale = added.fields.get("adapter.lora.alpha") / a.shape[1]
    const sum = summed(bytes, one.shape, numbers(a), numbers(thin.get(`${one.name}.lora_b`)), scale)
    return { ...one, kind: Q8_0, bytes: sum }
  })
  return writeGguf(model, file, tensors)
}
