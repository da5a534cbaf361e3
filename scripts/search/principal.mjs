// Principal components, for shortening vectors. Pure; the same numbers on every machine.

const ROUNDS = 60 // of the iteration: the variance kept no longer changes in its fourth digit

function meanOf(vectors) {
  const mean = new Float64Array(vectors[0].length)
  for (const vector of vectors) for (let at = 0; at < mean.length; at++) mean[at] += vector[at] / vectors.length
  return mean
}

/** The covariance matrix, as its rows. */
function covarianceOf(vectors, mean) {
  const width = mean.length
  const rows = Array.from({ length: width }, () => new Float64Array(width))
  for (const vector of vectors) {
    for (let i = 0; i < width; i++) {
      const here = vector[i] - mean[i]
      const row = rows[i]
      for (let j = 0; j < width; j++) row[j] += here * (vector[j] - mean[j])
    }
  }
  return rows
}

const product = (one, other) => one.reduce((sum, number, at) => sum + number * other[at], 0)

/** Makes vectors perpendicular and of length 1, one after the other (Gram and Schmidt). */
function orthonormal(vectors) {
  for (const [at, vector] of vectors.entries()) {
    for (const earlier of vectors.slice(0, at)) {
      const share = product(vector, earlier)
      for (let i = 0; i < vector.length; i++) vector[i] -= share * earlier[i]
    }
    const length = Math.sqrt(product(vector, vector))
    for (let i = 0; i < vector.length; i++) vector[i] /= length
  }
  return vectors
}

/**
 * The directions in which vectors differ most, by orthogonal iteration (Golub and Van Loan, "Matrix Computations", 8.2).
 * @param {ArrayLike<number>[]} vectors  all of one length
 * @param {number} count  how many directions, at most that length
 * @returns {{ mean: Float64Array, axes: Float64Array[] }}
 */
export function principal(vectors, count) {
  const mean = meanOf(vectors)
  const covariance = covarianceOf(vectors, mean)
  let axes = orthonormal(covariance.slice(0, count).map((row) => Float64Array.from(row)))
  for (let round = 0; round < ROUNDS; round++) {
    axes = orthonormal(axes.map((axis) => Float64Array.from(covariance, (row) => product(row, axis))))
  }
  return { mean, axes }
}

/** A vector along these directions, from the mean. */
export function project(vector, mean, axes) {
  return axes.map((axis) => axis.reduce((sum, number, at) => sum + number * (vector[at] - mean[at]), 0))
}
