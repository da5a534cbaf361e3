// Comparing an answer with the rubric by meaning, when the reader asks for it: leave is asked before the model is fetched.

import { EMBEDDING, onModelRemoved } from "../embed/models.js"
import { element, UserError, unbroken } from "../shared.js"
import { mayBeEnglish } from "./words.js"

const COMPARE = "Compare my words with the rubric"
const ENGLISH_ONLY = "This does not look like English, the only language that the comparison knows: it tells little. "
const STOPPED = "Stopped. What has arrived whole is kept, and need not be fetched again."
const NOTHING_TYPED = "There is no typed answer to compare. What you say aloud is not recorded."

// What the comparison finds is shown and never ticked: it takes a point turned on its head for the point.
const FOUND = {
  covered: { words: "Spoken of. Did you have it the right way round?", short: "spoken of" },
  unsure: { words: "The comparison cannot tell.", short: "unclear" },
  missed: { words: "Nothing like it found. Did you say it in other words?", short: "not found" },
}
const LONGEST_QUOTE = 200

/** What was found of one point, as nodes: the verdict, and the sentence that comes nearest. */
export function whatWasFound({ verdict, sentence }) {
  const quote = sentence.length > LONGEST_QUOTE ? `${sentence.slice(0, LONGEST_QUOTE)}…` : sentence
  const said = verdict === "missed" || !quote ? "" : ` You: “${quote}”`
  return [element("b", {}, FOUND[verdict].words), said]
}

/** How many points were found how: “2 spoken of, 1 unclear”. */
export function tally(scores) {
  const counts = new Map()
  for (const { verdict } of scores) counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
  return [...counts].map(([verdict, number]) => `${number} ${FOUND[verdict].short}`).join(", ")
}

export class Comparison {
  /**
   * @param {{id: string, phrasings: string[]}[]} rubric
   * @param {function(): string} answer  what is typed now
   * @param {function(Object[]): void} onScores  called with what score() in embed/meaning_score.js gives
   * @param {function(string): void} say  says something aloud, politely
   */
  constructor(rubric, answer, onScores, say) {
    Object.assign(this, { rubric, answer, onScores, say, hasAgreed: false })
    const button = { type: "button", class: "tool-button" }
    this.words = element("p", { class: "practice-compare-words", role: "status", "aria-live": "polite" })
    const bar = { max: "1", value: "0", hidden: true, class: "tool-progress", "aria-label": "Fetching the model" }
    this.bar = element("progress", bar)
    this.button = element("button", { ...button, onclick: () => this.compare() }, COMPARE)
    this.decline = element("button", { ...button, hidden: true, onclick: () => this.declined() }, "No, I score myself")
    this.stop = element("button", { ...button, hidden: true, onclick: () => this.meaning.unload(STOPPED) }, "Stop")
    const row = element("div", { class: "tool-row is-controls" }, this.button, this.decline, this.stop)
    this.node = element("div", { class: "practice-compare" }, row, this.bar, this.words)
    const forget = () => {
      this.hasAgreed = false
      this.button.textContent = COMPARE
    }
    onModelRemoved(EMBEDDING.store, forget, { place: this.node })
  }

  async compare() {
    if (!this.answer().trim()) {
      this.words.textContent = NOTHING_TYPED
      return
    }
    this.button.disabled = true
    try {
      const meaning = await unbroken(import("../embed/meaning_score.js"))
      this.meaning = meaning
      const { ready, reason, bytes, kept } = await meaning.available()
      if (!ready) return this.leaveAlone(reason)
      if (!kept && !this.hasAgreed) return this.askLeave(bytes)
      await this.load(meaning, kept)
      this.words.textContent = "Comparing."
      this.show(await meaning.score(this.answer(), this.rubric))
    } catch (error) {
      console.warn(error) // what a developer wants to know
      this.leaveAlone(error instanceof UserError ? error.message : "Comparing did not work here.")
    }
  }

  /** Says what will be fetched, and waits for the reader to agree. */
  askLeave(bytes) {
    const megabytes = Math.max(1, Math.round(bytes / 1e6))
    this.hasAgreed = true // by pressing the button again
    this.words.textContent =
      `This fetches an embedding model from this site once, ${megabytes} MB, and keeps it on your device. It takes about ` +
      "400 MB of memory until you leave the page. Your answer is not sent anywhere."
    this.button.textContent = `Fetch ${megabytes} MB and compare`
    this.button.disabled = false
    this.decline.hidden = false
  }

  async load(meaning, isKept) {
    this.decline.hidden = true
    this.stop.hidden = false
    this.words.textContent = isKept ? "Starting the model." : "Fetching the model."
    this.bar.hidden = false
    this.bar.removeAttribute("value")
    await meaning.load(({ done, total }) => {
      this.bar.value = done / total
    })
    this.stop.hidden = true
  }

  show(scores) {
    if (!this.node.isConnected) return // another prompt is open by now
    this.onScores(scores)
    const found = tally(scores)
    const language = mayBeEnglish(this.answer()) ? "" : ENGLISH_ONLY
    this.bar.hidden = true
    this.button.disabled = false
    this.button.textContent = "Compare again"
    this.words.textContent = `${language}${found}. You judge: the comparison sees what you spoke of and does not notice “not”.`
    this.say(`Compared: ${found}.`)
  }

  declined() {
    this.leaveAlone("")
    this.button.focus()
  }

  /** The reader scores alone, for a reason that may be told. */
  leaveAlone(reason) {
    this.words.textContent = `${reason} You score yourself.`.trim()
    this.bar.hidden = true
    this.stop.hidden = true
    this.decline.hidden = true
    this.button.disabled = false
    this.button.textContent = COMPARE
    this.hasAgreed = false
  }
}
