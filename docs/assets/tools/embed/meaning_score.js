// Which points of a rubric does an answer speak of? Compared by meaning, sentence by sentence, with the same model as the
// retrieval pages use, on the reader's own device. What the score can and cannot see is measured on the practice page; from
// there too, snippets/tools/practice/score_coverage.out, `make pages` takes the thresholds.

import { UserError, unbroken } from "../shared.js"
import { fetchOrKept } from "./kept_files.js"
import { EMBEDDING } from "./models.js"
import { WorkerModel } from "./worker_model.js"

const THRESHOLDS = new URL("thresholds.json", import.meta.url).href
const NO_THRESHOLDS = "What the comparison goes by could not be fetched. Check the connection, then try again."
const LONGEST_ANSWER = 12_000 // letters: ten minutes' talk
const MOST_SENTENCES = 100
const LONGEST_SENTENCE = 1000

let thresholds // a promise of them, once they have been asked for
const known = new Map() // the vectors of phrasings that were compared before
const model = new WorkerModel({
  base: new URL("../../vendor/embedding/", import.meta.url),
  script: new URL("worker.js", import.meta.url),
  store: EMBEDDING.store,
  builtWithout:
    "This copy of the site was built without the model. Score yourself, or run `make vendor` and build again.",
  tooOld: "This browser cannot run the model.",
})

/** Whether answers can be compared here, and what that takes: see WorkerModel. */
export const available = () => model.available()

/** From which similarity on a point is covered, and from which that cannot be told. */
async function readThresholds() {
  const response = await unbroken(fetchOrKept(THRESHOLDS, EMBEDDING.store))
  if (!response.ok) throw new UserError(NO_THRESHOLDS)
  return unbroken(response.json())
}

function limits() {
  thresholds ??= readThresholds().catch((error) => {
    thresholds = undefined
    throw error
  })
  return thresholds
}

/** Fetches the model, or takes it from the device, and starts it: see WorkerModel. */
export function load(onProgress) {
  limits().catch(() => {}) // so that score() needs no connection; it asks again, and most who load call no score()
  return model.load(onProgress)
}

/** Stops the model, also while it loads. What is kept on the device stays. */
export const unload = (reason) => model.unload(reason)

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
export const vectorsOf = (texts) => model.ask("embed", { texts })

/** The numbers of each text's word pieces. For tests. */
export const piecesOf = (texts) => model.ask("encode", { texts })

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
  await model.loading
  const parts = partsOf(answer)
  const phrasings = points.map((point) => [point.text ?? point.point, ...point.phrasings].filter(Boolean))
  const fresh = [...new Set(phrasings.flat())].filter((text) => !known.has(text))
  for (const [index, vector] of (await vectorsOf(fresh)).entries()) known.set(fresh[index], vector)
  const vectors = await vectorsOf(parts)
  const from = await limits()
  return points.map(({ id }, index) => {
    const { similarity, sentence } = nearest(parts, vectors, phrasings[index])
    return { id, similarity, verdict: verdictOf(similarity, from), sentence }
  })
}
