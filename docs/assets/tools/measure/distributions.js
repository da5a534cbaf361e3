// The normal distribution and factorials, to a double's precision.

const logs = [0] // the logarithm of each factorial so far
let carried = 0 // what rounding has lost of the sum (Kahan)

/** The logarithm of n!, of a whole number. */
export function logFactorial(n) {
  for (let next = logs.length; next <= n; next++) {
    const step = Math.log(next) - carried
    const sum = logs[next - 1] + step
    carried = sum - logs[next - 1] - step
    logs.push(sum)
  }
  return logs[n]
}

/** erf of a number from 0 to 3: a series whose terms are all positive (Abramowitz and Stegun, 7.1.6). */
function erfSeries(x) {
  let term = x
  let sum = x
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}

/** erfc of a number from 3 on: a continued fraction (Abramowitz and Stegun, 7.1.14), from its far end. */
function erfcFraction(x) {
  let below = x
  for (let n = 120; n >= 1; n--) below = x + n / 2 / below
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * below)
}

/** The probability that a standard normal number lies below x. */
export function normalBelow(x) {
  if (x === Number.POSITIVE_INFINITY) return 1
  if (x === Number.NEGATIVE_INFINITY) return 0
  const size = Math.abs(x) / Math.SQRT2
  const tail = (size < 3 ? 1 - erfSeries(size) : erfcFraction(size)) / 2
  return x < 0 ? tail : 1 - tail
}

const quantiles = new Map()

/** Below which number a standard normal one lies with this probability, by halving. */
export function normalQuantile(probability) {
  if (probability > 0.5) return -normalQuantile(1 - probability)
  if (!quantiles.has(probability)) {
    let low = -40
    let high = 0
    for (let middle = -20; middle > low && middle < high; middle = (low + high) / 2) {
      if (normalBelow(middle) < probability) low = middle
      else high = middle
    }
    quantiles.set(probability, high)
  }
  return quantiles.get(probability)
}
