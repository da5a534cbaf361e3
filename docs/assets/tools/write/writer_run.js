// The language model writes in the tab: it reads a prompt, then writes token by token, and the reader can stop it.

import { AgreedRun, inTime } from "../embed/agreed_run.js"
import { WRITER } from "../embed/models.js"

const CANCEL = "Cancel"
const STOP = "Stop"
const STOPPED = "Stopped."
const WRITING = "Writing the answer."

export class WriterRun extends AgreedRun {
  /**
   * @param {string} action  what the button says
   * @param {function(number, boolean): string} sayNeeds  what is said before anything is fetched, as AgreedRun has it
   * @param {string} failed  what is said where the model fails in a way that nobody foresaw
   */
  constructor(action, sayNeeds, failed) {
    super(action, WRITER, sayNeeds, failed)
  }

  /**
   * Has the model go on from a text; while it reads and writes, the reader can stop it and keeps the model.
   * @param {string} text  as the model reads it
   * @param {number} most  tokens that it may write
   * @param {{read: function(number): void, writing: ?function(): void, piece: function(string): void}} on  told how many
   *   tokens there are to read, that all are read, and each piece of the answer
   * @param {function(): void} heed  throws once the reader has stopped it
   * @param {?Object} adapter  one that was fetched; none for the model as it came
   * @returns {Promise<{tokens: number, count: number, isCut: boolean, seconds: {reading: number, writing: number}}>}
   */
  async answer(text, most, on, heed, adapter) {
    if (!this.model.holds(adapter)) await this.adapt(adapter, heed)
    this.cancel.textContent = STOP
    const began = performance.now()
    const tokens = await inTime(this.model.begin(text, most))
    heed()
    on.read(tokens)
    await this.read(tokens, heed)
    const read = performance.now()
    this.words.textContent = WRITING
    this.bar.hidden = true
    on.writing?.()
    const count = await this.write(most, on.piece, heed)
    const seconds = { reading: (read - began) / 1000, writing: (performance.now() - read) / 1000 }
    return { tokens, count, isCut: count === most, seconds }
  }

  /** Puts an adapter in, or takes it out. The model hears nothing meanwhile: stopping ends it. */
  async adapt(adapter, heed) {
    this.cancel.textContent = CANCEL
    this.words.textContent = adapter ? "Putting the adapter in." : "Taking the adapter out."
    this.bar.hidden = false
    this.bar.removeAttribute("value")
    await inTime(this.model.adapt(adapter))
    heed()
  }

  async read(tokens, heed) {
    this.bar.hidden = false
    for (let left = tokens; left; ) {
      this.bar.value = 1 - left / tokens
      left = await inTime(this.model.read())
      heed()
    }
  }

  /** Writes until the answer ends, or is long enough; returns how many tokens it has. */
  async write(most, onPiece, heed) {
    for (let count = 0; count < most; count++) {
      const piece = await inTime(this.model.write())
      heed()
      if (piece === null) return count
      onPiece(piece)
    }
    return most
  }

  /** While it reads or writes, stopping ends the answer and keeps the model; before that, it ends the model. */
  stop() {
    if (this.cancel.textContent === STOP) this.end(STOPPED)
    else super.stop()
  }

  rest(isAsking) {
    super.rest(isAsking)
    this.cancel.textContent = CANCEL
  }
}
