// The two trainings of the page, step by step: the same computation as in snippets/tools/tune, in the same order, with
// 64-bit numbers. No document, no page. A matrix is a list of rows, each a Float64Array.

const dot = (one, other) => {
  let sum = 0
  for (let at = 0; at < one.length; at++) sum += one[at] * other[at]
  return sum
}

/** Rows of zeros. */
export const zeros = (rows, columns) => Array.from({ length: rows }, () => new Float64Array(columns))

/** The place of the highest of some numbers; of equal ones the first. */
export function highest(numbers) {
  let best = 0
  for (let at = 1; at < numbers.length; at++) if (numbers[at] > numbers[best]) best = at
  return best
}

/** Turns scores into shares that sum to 1, in place. */
export function softmax(scores) {
  const most = Math.max(...scores)
  let sum = 0
  for (let at = 0; at < scores.length; at++) {
    scores[at] = Math.exp(scores[at] - most)
    sum += scores[at]
  }
  for (let at = 0; at < scores.length; at++) scores[at] /= sum
  return scores
}

/**
 * The rows of vectors in a file of 32-bit numbers.
 * @param {ArrayBuffer} bytes  little-endian
 */
export function readVectors(bytes, width = 384) {
  const view = new DataView(bytes)
  return Array.from({ length: bytes.byteLength / 4 / width }, (_, row) =>
    Float64Array.from({ length: width }, (_, at) => view.getFloat32(4 * (row * width + at), true)),
  )
}

/** The score of each label for a vector. The last row of the weights is the bias. */
export function headScores(vector, weights) {
  const scores = Float64Array.from(weights[vector.length])
  for (let at = 0; at < vector.length; at++) {
    for (let label = 0; label < scores.length; label++) scores[label] += vector[at] * weights[at][label]
  }
  return scores
}

/**
 * Logistic regression for several labels, by gradient descent on all examples at once, from zero. Yields the weights,
 * changed in place from step to step: (dimensions + 1) rows of one number a label.
 * @param {Float64Array[]} vectors
 * @param {number[]} labels  each vector's label, as a number
 * @param {number} classes  how many labels there are
 */
export function* trainHead(vectors, labels, classes, steps, learningRate) {
  const width = vectors[0].length
  const weights = zeros(width + 1, classes)
  yield weights
  for (let step = 0; step < steps; step++) {
    const errors = vectors.map((vector, row) => {
      const shares = softmax(headScores(vector, weights))
      shares[labels[row]] -= 1
      return shares
    })
    for (const [row, error] of errors.entries()) {
      for (let label = 0; label < classes; label++) {
        const move = (learningRate * error[label]) / vectors.length
        for (let at = 0; at < width; at++) weights[at][label] -= move * vectors[row][at]
        weights[width][label] -= move
      }
    }
    yield weights
  }
}

/** How many vectors get their own label. */
export const headHits = (vectors, labels, weights) =>
  vectors.filter((vector, row) => highest(headScores(vector, weights)) === labels[row]).length

/** How similar each question of one list is to each of another: their dot products. */
export const similarities = (some, others) => some.map((one) => Float64Array.from(others, (other) => dot(one, other)))

/** Questions' vectors after the adapter: each plus the map's row for it, of which `similar` has the shares. */
export function adapted(vectors, similar, weights) {
  return vectors.map((vector, row) => {
    const moved = Float64Array.from(vector)
    for (const [one, share] of similar[row].entries()) {
      const weight = weights[one]
      for (let at = 0; at < moved.length; at++) moved[at] += share * weight[at]
    }
    return moved
  })
}

/**
 * An adapter on questions' vectors: a linear map from zero, by gradient descent on all questions at once. The map is
 * kept as weights of the training questions, whose sum of products it is. Yields them, changed in place.
 * @param {Float64Array[]} vectors  of the questions
 * @param {Float64Array[]} passages
 * @param {number[][]} answers  of each question, the places of the passages that answer it
 */
export function* trainAdapter(vectors, passages, answers, { steps, learningRate, temperature }) {
  const similar = similarities(vectors, vectors)
  const weights = zeros(vectors.length, vectors[0].length)
  yield weights
  for (let step = 0; step < steps; step++) {
    const errors = adapted(vectors, similar, weights).map((vector, row) => {
      const shares = softmax(Float64Array.from(passages, (passage) => dot(vector, passage) / temperature))
      for (const place of answers[row]) shares[place] -= 1 / answers[row].length
      return shares
    })
    for (const [row, error] of errors.entries()) {
      const weight = weights[row]
      for (const [place, passage] of passages.entries()) {
        const move = (learningRate * error[place]) / vectors.length
        for (let at = 0; at < passage.length; at++) weight[at] -= move * passage[at]
      }
    }
    yield weights
  }
}

/** How many questions have a passage that answers them in first place. */
export const firstIsRight = (vectors, passages, answers) =>
  vectors.filter((vector, row) => answers[row].includes(highest(passages.map((passage) => dot(vector, passage)))))
    .length
