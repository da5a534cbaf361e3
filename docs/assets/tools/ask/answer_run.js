// The language model writes an answer in the tab. A screen reader is told of it once, when it is whole.

import { element } from "../shared.js"
import { WriterRun } from "../write/writer_run.js"
import { check } from "./citing.js"
import { sayCheck, sayRead, sayWritten } from "./words.js"

const ANSWER_TOKENS = 80 // at most, as in the recorded answers
const FAILED = "The language model does not run here. Copy the prompt into a model of yours."

const sayNeeds = (megabytes) =>
  `This needs the language model SmolLM2-135M: ${megabytes} MB from this site, kept on your device, and about 500 MB of ` +
  "memory until you leave the page or remove the model. The prompt stays here."

export class AnswerRun extends WriterRun {
  constructor() {
    super("Let a model write the answer here", sayNeeds, FAILED)
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
    if (!this.answered) return // what is being fetched goes on: the new prompt needs it as well
    this.end("")
    this.clear()
  }

  async start() {
    this.clear()
    await super.start()
  }

  clear() {
    this.answered = null
    this.written.replaceChildren()
    this.spoken.textContent = ""
  }

  async work(heed) {
    const { prompt, texts } = this
    heed()
    this.words.textContent = ""
    if (!prompt) return // nothing close enough was found meanwhile
    this.answered = element("blockquote", { class: "ask-answer" })
    const heading = element("p", { class: "tool-hint" }, "Written in this tab by SmolLM2-135M:")
    const on = {
      read: (tokens) => {
        this.words.textContent = sayRead(tokens)
      },
      writing: () => this.written.replaceChildren(heading, this.answered),
      piece: (piece) => this.answered.append(piece),
    }
    const done = await this.answer(this.model.inChat(prompt), ANSWER_TOKENS, on, heed)
    this.show(texts, sayWritten(done))
  }

  /** Shows the answer whole, with the check of its sources. */
  show(texts, words) {
    const answer = this.answered.textContent.trim()
    this.answered.textContent = answer || "(nothing)"
    const checked = sayCheck(check(answer, texts))
    this.written.append(element("p", {}, checked))
    this.words.textContent = words
    this.spoken.textContent = `${answer} ${checked}`
  }
}
