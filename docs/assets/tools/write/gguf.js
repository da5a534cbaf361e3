// Files of llama.cpp, the format GGUF: what they hold, where it stands, and a copy in which some tensors are others. Pure.
// https://github.com/ggml-org/ggml/blob/master/docs/gguf.md

const MAGIC = "GGUF"
const STRING = 8
const ARRAY = 9
// Bytes of a value, by the number of its kind: 1, 2, 4, 8 bytes, signed or not, floats and booleans.
const SIZES = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 }
const FLOAT32 = 6
const UINT32 = 4

class Reader {
  constructor(buffer) {
    this.view = new DataView(buffer)
    this.at = 0
  }

  uint32() {
    this.at += 4
    return this.view.getUint32(this.at - 4, true)
  }

  uint64() {
    this.at += 8
    return Number(this.view.getBigUint64(this.at - 8, true))
  }

  text() {
    const length = this.uint64()
    this.at += length
    return new TextDecoder().decode(new Uint8Array(this.view.buffer, this.at - length, length))
  }

  /** The next value of a kind, where it is a number of 32 bits or a text; others are passed over. */
  value(kind) {
    if (kind === STRING) return this.text()
    if (kind === ARRAY) return this.passArray()
    this.at += SIZES[kind]
    if (kind === FLOAT32) return this.view.getFloat32(this.at - 4, true)
    return kind === UINT32 ? this.view.getUint32(this.at - 4, true) : undefined
  }

  passArray() {
    const kind = this.uint32()
    const length = this.uint64()
    for (let one = 0; one < length; one++) this.value(kind)
  }
}

/**
 * What a file holds.
 * @param {ArrayBuffer} buffer
 * @returns {{fields: Map<string, *>, tensors: {name: string, shape: number[], kind: number, offset: number}[],
 *   fieldsEnd: number, data: number, alignment: number}}  `shape` begins with what lies side by side, the length of a row;
 *   `offset` counts from `data`, where the tensors begin
 */
export function readGguf(buffer) {
  const reader = new Reader(buffer)
  const magic = new TextDecoder().decode(new Uint8Array(buffer, 0, 4))
  if (magic !== MAGIC) throw new Error("not a GGUF file")
  reader.at = 8 // behind the version
  const [tensorCount, fieldCount] = [reader.uint64(), reader.uint64()]
  const fields = new Map()
  for (let one = 0; one < fieldCount; one++) {
    const name = reader.text()
    fields.set(name, reader.value(reader.uint32()))
  }
  const fieldsEnd = reader.at
  const tensors = []
  for (let one = 0; one < tensorCount; one++) {
    const name = reader.text()
    const shape = Array.from({ length: reader.uint32() }, () => reader.uint64())
    tensors.push({ name, shape, kind: reader.uint32(), offset: reader.uint64() })
  }
  const alignment = fields.get("general.alignment") ?? 32
  return { fields, tensors, fieldsEnd, data: aligned(reader.at, alignment), alignment }
}

const aligned = (at, alignment) => Math.ceil(at / alignment) * alignment

/**
 * The parts of a file in which the tensors are others: the fields stay as they are.
 * @param {ArrayBuffer} buffer  the file as it was
 * @param {Object} file  what readGguf found in it
 * @param {{name: string, shape: number[], kind: number, bytes: Uint8Array}[]} tensors  all that the new file is to hold
 * @returns {Uint8Array[]}  one after the other they are the file
 */
export function writeGguf(buffer, { fieldsEnd, alignment }, tensors) {
  const names = tensors.map(({ name }) => new TextEncoder().encode(name))
  const described = tensors.reduce((sum, { shape }, at) => sum + 8 + names[at].length + 4 + 8 * shape.length + 4 + 8, 0)
  const head = new Uint8Array(aligned(fieldsEnd + described, alignment))
  head.set(new Uint8Array(buffer, 0, fieldsEnd))
  const view = new DataView(head.buffer)
  let at = fieldsEnd
  let offset = 0
  const parts = [head]
  for (const [place, { shape, kind, bytes }] of tensors.entries()) {
    view.setBigUint64(at, BigInt(names[place].length), true)
    head.set(names[place], at + 8)
    at += 8 + names[place].length
    view.setUint32(at, shape.length, true)
    at += 4
    for (const length of shape) {
      view.setBigUint64(at, BigInt(length), true)
      at += 8
    }
    view.setUint32(at, kind, true)
    view.setBigUint64(at + 4, BigInt(offset), true)
    at += 12
    const size = aligned(bytes.length, alignment)
    parts.push(bytes, new Uint8Array(size - bytes.length))
    offset += size
  }
  return parts
}
