// The language model writes an answer in the tab: it reads the prompt, then writes token by token, and the reader can stop
// it. A screen reader is told of the answer once, when it is whole.

import { AgreedRun, inTime } from "../embed/agreed_run.js"
import { WRITER } from "../embed/models.js"
import { element } from "../shared.js"
import { sayRead, sayWritten } from "./words.js"

const ANSWER_TOKENS = 80 // at most, as in the recorded answers
const FAILED = "The language model does not run here. Copy the prompt into a model of yours."
const STOPPED = "Stopped."

const sayNeeds = (megabytes) =>
  `This needs the language model SmolLM2-135M: ${megabytes} MB from this site, kept on your device, and about 500 MB of ` +
  "memory until you leave the page or remove the model. The prompt stays here."

export class AnswerRun extends AgreedRun {
  /** @param {function(string, string[]): string} sayCheck  what the check of an answer's sources found, in words */
  constructor(sayCheck) {
    super("Let a model write the answer here", WRITER, sayNeeds, FAILED)
    this.sayCheck = sayCheck
    this.written = element("div", {})
    this.spoken = element("p", { class: "visually-hidden", role: "status" })
    this.node.append(this.spoken)
  }

  /** Takes the prompt that stands on the page now, and its passages; what was written for another one goes. */
  take(prompt, texts) {
    if (prompt === this.prompt) return
    this.prompt = prompt
    this.texts = texts
    this.node.hidden = !prompt
    if (!this.answer) return // what is being fetched goes on: the new prompt needs it as well
    this.end("")
    this.clear()
  }

  clear() {
    this.answer = null
    this.written.replaceChildren()
    this.spoken.textContent = ""
  }

  async work(heed) {
    const { prompt, texts } = this
    heed()
    this.clear()
    this.words.textContent = ""
    if (!prompt) return // nothing close enough was found meanwhile
    this.answer = element("blockquote", { class: "ask-answer" })
    this.cancel.textContent = "Stop"
    const reading = performance.now()
    const tokens = await inTime(this.model.begin(prompt, ANSWER_TOKENS))
    heed()
    this.words.textContent = sayRead(tokens)
    await this.read(tokens, heed)
    const writing = performance.now()
    this.words.textContent = "Writing the answer."
    this.bar.hidden = true
    const heading = element("p", { class: "tool-hint" }, "Written in this tab by SmolLM2-135M:")
    this.written.replaceChildren(heading, this.answer)
    const count = await this.write(heed)
    const seconds = { reading: (writing - reading) / 1000, writing: (performance.now() - writing) / 1000 }
    this.show(texts, sayWritten({ tokens, count, isCut: count === ANSWER_TOKENS, seconds }))
  }

  async read(tokens, heed) {
    for (let left = tokens; left; ) {
      this.bar.value = 1 - left / tokens
      left = await inTime(this.model.read())
      heed()
    }
  }

  /** Writes until the answer ends, or is long enough; returns how many tokens it has. */
  async write(heed) {
    for (let count = 0; count < ANSWER_TOKENS; count++) {
      const piece = await inTime(this.model.write())
      heed()
      if (piece === null) return count
      this.answer.append(piece)
    }
    return ANSWER_TOKENS
  }

  /** Shows the answer whole, with the check of its sources. */
  show(texts, words) {
    const answer = this.answer.textContent.trim()
    this.answer.textContent = answer || "(nothing)"
    const check = this.sayCheck(answer, texts)
    this.written.append(element("p", {}, check))
    this.words.textContent = words
    this.spoken.textContent = `${answer} ${check}`
  }

  /** While it reads or writes, stopping ends the answer and keeps the model; before that, it ends the fetching. */
  stop() {
    if (this.cancel.textContent === "Stop") this.end(STOPPED)
    else super.stop()
  }

  rest(isAsking) {
    super.rest(isAsking)
    this.cancel.textContent = "Cancel"
  }
}
