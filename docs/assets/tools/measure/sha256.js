// SHA-256 (FIPS 180-4). The browser has its own only where the connection is secure, and a split must not depend on that.

const WORDS = 64
const primes = []
for (let number = 2; primes.length < WORDS; number++) {
  if (primes.every((prime) => number % prime)) primes.push(number)
}
const fraction = (root) => Math.floor((root - Math.floor(root)) * 2 ** 32) >>> 0
const START = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)))
const ROUND = primes.map((prime) => fraction(Math.cbrt(prime)))
const turned = (word, bits) => (word >>> bits) | (word << (32 - bits))

/** The bytes with a one, zeros, and their number of bits behind them, to whole blocks of 64. */
function padded(bytes) {
  const whole = new Uint8Array((((bytes.length + 8) >> 6) << 6) + 64)
  whole.set(bytes)
  whole[bytes.length] = 0x80
  const view = new DataView(whole.buffer)
  view.setUint32(whole.length - 8, Math.floor(bytes.length / 2 ** 29))
  view.setUint32(whole.length - 4, (bytes.length << 3) >>> 0)
  return view
}

/** The 64 words that a block is spread into. */
function spread(view, start) {
  const words = new Uint32Array(WORDS)
  for (let at = 0; at < WORDS; at++) {
    if (at < 16) {
      words[at] = view.getUint32(start + 4 * at)
      continue
    }
    const [early, late] = [words[at - 15], words[at - 2]]
    const first = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3)
    const second = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10)
    words[at] = words[at - 16] + first + words[at - 7] + second
  }
  return words
}

/** The state after a block. */
function mixed(state, words) {
  let [a, b, c, d, e, f, g, h] = state
  for (let at = 0; at < WORDS; at++) {
    const some = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)
    const first = (h + some + ((e & f) ^ (~e & g)) + ROUND[at] + words[at]) >>> 0
    const others = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)
    const second = (others + ((a & b) ^ (a & c) ^ (b & c))) >>> 0
    ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + first) >>> 0, c, b, a, (first + second) >>> 0]
  }
  return [a, b, c, d, e, f, g, h].map((word, at) => (word + state[at]) >>> 0)
}

/** The 32 bytes of the hash. */
export function sha256(bytes) {
  const view = padded(bytes)
  let state = START
  for (let start = 0; start < view.byteLength; start += 64) state = mixed(state, spread(view, start))
  return state.flatMap((word) => [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255])
}
