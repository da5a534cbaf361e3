// Makes the search's static vectors from all-MiniLM-L6-v2: one vector a word piece, in docs/assets/vendor/static.
//
// The recipe is that of model2vec (Tulkens and van Dongen, 2024, github.com/MinishLab/model2vec): each piece goes through
// the model alone, principal components shorten the vectors, and frequent pieces count less. It is done here because that
// package needs another version of transformers than this guide, and because it then needs nothing but Node and the files of
// `make vendor`, from which alone follows what it writes. A run that finds it in place changes nothing.

import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { pathToFileURL } from "node:url"
import { open, vocabulary } from "./model.mjs"
import { principal, project } from "./principal.mjs"

const SOURCE = new URL("../../docs/assets/vendor/embedding/manifest.json", import.meta.url)
const FINAL = new URL("../../docs/assets/vendor/static/", import.meta.url)
const HIDDEN = new URL("../../docs/assets/vendor/.partial-static/", import.meta.url) // in the making
const VERSION = 1 // raise it when what is computed changes
const DIMENSIONS = 128
const PIECES = 18_000 // of 30,522, the most frequent: what follows is mostly names
const SIF = 1e-4 // how much less frequent pieces count: Arora et al., 2017, "smooth inverse frequency"
const BATCH = 128
const CLS = 101
const SEP = 102

/** The numbers of the pieces that get a vector: of Latin letters and digits, as `##ing` or `tuning`. */
export function piecesOf(lines) {
  const all = lines.slice(0, PIECES).map((piece, id) => ({ piece, id }))
  return all.filter(({ piece }) => /^(?:##)?[a-z0-9]+$/.test(piece))
}

/** How much a piece counts, by its rank: Zipf's law stands in for a count. */
function weightsOf(pieces) {
  const total = pieces.reduce((sum, _, rank) => sum + 1 / (rank + 1), 0)
  return pieces.map((_, rank) => SIF / (SIF + 1 / (rank + 1) / total))
}

/** What the model makes of each piece alone, between a beginning and an end. */
async function meansOf(pieces) {
  const model = await open()
  const means = []
  for (let at = 0; at < pieces.length; at += BATCH) {
    const rows = pieces.slice(at, at + BATCH).map(({ id }) => [CLS, id, SEP])
    means.push(...(await model.meansOf(rows)))
    process.stdout.write(`\rThe search's vectors: ${means.length} of ${pieces.length}`)
  }
  process.stdout.write("\n")
  return means
}

/**
 * A vector as whole numbers from −127 to 127, and the factor that gives it back.
 * @param {Float64Array} vector
 */
export function rounded(vector) {
  const scale = vector.reduce((most, number) => Math.max(most, Math.abs(number)), 0) / 127 || 1
  return { scale, numbers: Int8Array.from(vector, (number) => Math.round(number / scale)) }
}

/** The file: for each piece a factor of 32 bits, then for each its numbers of 8 bits. */
export function bytesOf(vectors) {
  const all = vectors.map(rounded)
  const scales = Float32Array.from(all, ({ scale }) => scale)
  return Buffer.concat([Buffer.from(scales.buffer), ...all.map(({ numbers }) => Buffer.from(numbers.buffer))])
}

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex")

/** What the vectors are made from; another value has them made again. */
function recipe() {
  if (!existsSync(SOURCE)) throw new Error("The search's vectors need the model: run `make vendor`.")
  return { source: sha256(readFileSync(SOURCE)), version: VERSION, dimensions: DIMENSIONS, pieces: PIECES, sif: SIF }
}

function isInPlace(made) {
  try {
    const manifest = JSON.parse(readFileSync(new URL("manifest.json", FINAL), "utf8"))
    const whole = manifest.files.every(
      ({ name, sha256: wanted }) => sha256(readFileSync(new URL(name, FINAL))) === wanted,
    )
    return whole && JSON.stringify(manifest.made_from) === JSON.stringify(made)
  } catch {
    return false
  }
}

async function main() {
  const made = recipe()
  if (isInPlace(made)) return console.log("The search's vectors: in place, checksums right")
  const pieces = piecesOf(vocabulary())
  const means = await meansOf(pieces)
  const { mean, axes } = principal(means, DIMENSIONS)
  const weights = weightsOf(pieces)
  const vectors = means.map((vector, at) => project(vector, mean, axes).map((number) => number * weights[at]))
  const files = {
    "vectors.bin": bytesOf(vectors),
    "pieces.txt": Buffer.from(`${pieces.map(({ piece }) => piece).join("\n")}\n`),
  }
  rmSync(HIDDEN, { recursive: true, force: true })
  mkdirSync(HIDDEN, { recursive: true })
  const listed = Object.entries(files).map(([name, bytes]) => {
    writeFileSync(new URL(name, HIDDEN), bytes)
    return { name, bytes: bytes.length, sha256: sha256(bytes) }
  })
  const bytes = listed.reduce((sum, file) => sum + file.bytes, 0)
  const manifest = { made_from: made, dimensions: DIMENSIONS, bytes, files: listed }
  writeFileSync(new URL("manifest.json", HIDDEN), `${JSON.stringify(manifest, null, 1)}\n`)
  rmSync(FINAL, { recursive: true, force: true })
  renameSync(HIDDEN, FINAL)
  console.log(`The search's vectors: ${pieces.length} pieces, ${(bytes / 1e6).toFixed(1)} MB`)
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main()
