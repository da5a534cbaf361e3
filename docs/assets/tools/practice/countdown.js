// Two minutes that can be paused, and go on below zero. No page is needed.

export const WHOLE = 2 * 60_000 // milliseconds

// Said aloud once each, the latest that applies: seconds left, and the words.
const ANNOUNCEMENTS = [
  [0, "Two minutes are over. Finish your sentence."],
  [15, "Fifteen seconds left."],
  [60, "One minute left."],
]

/** Seconds as minutes and seconds. */
export const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`

export class Countdown {
  /** @param {function(): number} now  milliseconds on a clock that only goes forward */
  constructor(now = () => performance.now()) {
    this.now = now
    this.reset()
  }

  reset() {
    this.rest = WHOLE
    this.since = null // when it was started; null while it stands still
    this.announced = Infinity
  }

  get isRunning() {
    return this.since !== null
  }

  get isFresh() {
    return this.rest === WHOLE
  }

  /** Milliseconds left; below zero when they are over. */
  get left() {
    return this.isRunning ? this.rest - (this.now() - this.since) : this.rest
  }

  /** Seconds that have passed. */
  get taken() {
    return Math.round((WHOLE - this.left) / 1000)
  }

  start() {
    this.since = this.now()
  }

  pause() {
    this.rest = this.left
    this.since = null
  }

  /** The time left as the clock shows it; what is over, with a plus. */
  get face() {
    const over = Math.max(0, Math.floor(-this.left / 1000))
    return over ? `+${clock(over)}` : clock(this.secondsLeft)
  }

  get secondsLeft() {
    return Math.max(0, Math.ceil(this.left / 1000))
  }

  /** What is to be said aloud now, if anything. */
  announcement() {
    const seconds = Math.ceil(this.left / 1000)
    const [mark, words] = ANNOUNCEMENTS.find(([mark]) => seconds <= mark && this.announced > mark) ?? []
    if (words) this.announced = mark
    return words
  }
}
