// Logistic regression for several labels, every label of the same weight however common it is: what rung calls "logistic
// regression on embeddings" (scikit-learn, C = 10, balanced). tests/unit/test_measure.py compares the two.

import { headScores, highest, softmax, zeros } from "../tune/training.js"

const STRENGTH = 10 // scikit-learn's C: how much the examples count beside the penalty on large weights
const TOLERANCE = 1e-5 // of the gradient's largest part
const MOST_STEPS = 1500

/** Each example's weight: n / (labels x the examples of its label). */
function balanced(labels, classes) {
  const counts = new Array(classes).fill(0)
  for (const label of labels) counts[label] += 1
  const used = counts.filter(Boolean).length
  return labels.map((label) => labels.length / (used * counts[label]))
}

/** The gradient of the weighted mean loss and the penalty, at weights of (dimensions + 1) rows, the last the bias. */
function gradientAt(weights, { vectors, labels, shares, penalty }) {
  const width = vectors[0].length
  const classes = weights[0].length
  const gradient = weights.map((row, at) => row.map((weight) => (at < width ? penalty * weight : 0)))
  for (const [row, vector] of vectors.entries()) {
    const error = softmax(headScores(vector, weights))
    error[labels[row]] -= 1
    for (let label = 0; label < classes; label++) error[label] *= shares[row]
    for (let at = 0; at < width; at++) {
      const line = gradient[at]
      for (let label = 0; label < classes; label++) line[label] += vector[at] * error[label]
    }
    for (let label = 0; label < classes; label++) gradient[width][label] += error[label]
  }
  return gradient
}

/** How far a step from one place to another goes up the gradient. */
function along(gradient, to, from) {
  let sum = 0
  for (const [at, row] of gradient.entries()) {
    for (let label = 0; label < row.length; label++) sum += row[label] * (to[at][label] - from[at][label])
  }
  return sum
}

/**
 * Trains by Nesterov's accelerated gradient descent (1983), from zero, with a restart wherever it overshoots. Yields after
 * each step, so that the page may draw; returns the weights.
 * @param {ArrayLike<number>[]} vectors  of length 1
 * @param {number[]} labels  each vector's label, from 0
 */
export function* fitBalanced(vectors, labels, classes) {
  const weighted = balanced(labels, classes)
  const sum = weighted.reduce((total, weight) => total + weight)
  // With two labels scikit-learn keeps one row of weights, whose penalty is twice that of two opposite rows.
  const penalty = (classes === 2 ? 2 : 1) / (STRENGTH * sum)
  const data = { vectors, labels, shares: weighted.map((weight) => weight / sum), penalty }
  let weights = zeros(vectors[0].length + 1, classes)
  let ahead = weights
  let pace = 1
  for (let step = 0; step < MOST_STEPS; step++) {
    const gradient = gradientAt(ahead, data)
    const largest = gradient.reduce((most, row) => row.reduce((high, part) => Math.max(high, Math.abs(part)), most), 0)
    if (largest < TOLERANCE) break
    const next = ahead.map((row, at) => row.map((weight, label) => weight - gradient[at][label])) // 1 / the curvature
    const turn = along(gradient, next, weights)
    const nextPace = turn > 0 ? 1 : (1 + Math.sqrt(1 + 4 * pace * pace)) / 2
    const carry = turn > 0 ? 0 : (pace - 1) / nextPace
    ahead = next.map((row, at) => row.map((weight, label) => weight + carry * (weight - weights[at][label])))
    weights = next
    pace = nextPace
    yield step
  }
  return ahead
}

/** The label with the highest score for each vector; of equals the first. */
export const labelled = (vectors, weights) => vectors.map((vector) => highest(headScores(vector, weights)))
