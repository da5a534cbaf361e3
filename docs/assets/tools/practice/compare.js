// Comparing an answer with the rubric by meaning, when the reader asks for it and agrees that the model is fetched.

import { AgreedRun } from "../embed/agreed_run.js"
import { EMBEDDING } from "../embed/models.js"
import { button, element } from "../shared.js"
import { mayBeEnglish } from "./words.js"

const COMPARE = "Compare my words with the rubric"
const AGAIN = "Compare again"
const ENGLISH_ONLY = "This does not look like English, the only language that the comparison knows: it tells little. "
const FAILED = "Comparing did not work here."
const ALONE = "You score yourself."

const sayNeeds = (megabytes) =>
  `This fetches an embedding model from this site once, ${megabytes} MB, and keeps it on your device. It takes about ` +
  "400 MB of memory until you leave the page. Your answer is not sent anywhere."

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

/** The button that compares. The reader may also decline, and scores alone then, as where comparing fails. */
export class Comparison extends AgreedRun {
  /**
   * @param {{id: string, phrasings: string[]}[]} rubric
   * @param {function(): string} answer  what is typed now
   * @param {function(Object[]): void} onScores  called with what score() in embed/meaning_score.js gives
   * @param {function(string): void} say  says something aloud, politely
   */
  constructor(rubric, answer, onScores, say) {
    super(COMPARE, EMBEDDING, sayNeeds, FAILED)
    Object.assign(this, { rubric, answer, onScores, say })
    this.button.classList.remove("is-main") // the next prompt has the main one
    this.decline = button("No, I score myself", () => this.declined(), { hidden: true })
    this.button.after(this.decline)
    this.node.classList.add("practice-compare")
  }

  async start() {
    this.decline.hidden = true
    this.isCompared = false
    await super.start()
  }

  async work(heed) {
    this.words.textContent = "Comparing."
    const answer = this.answer()
    const scores = await this.model.score(answer, this.rubric)
    heed()
    this.isCompared = true
    if (!this.node.isConnected) return // another prompt is open by now
    this.onScores(scores)
    const found = tally(scores)
    const language = mayBeEnglish(answer) ? "" : ENGLISH_ONLY
    this.words.textContent = `${language}${found}. You judge: the comparison sees what you spoke of and does not notice “not”.`
    this.say(`Compared: ${found}.`)
  }

  declined() {
    this.hasAgreed = false
    this.words.textContent = ""
    this.rest(false)
    this.button.focus()
  }

  rest(isAsking) {
    super.rest(isAsking)
    this.decline.hidden = !isAsking
    if (this.isCompared) this.button.textContent = AGAIN
    else if (!isAsking) this.words.textContent = `${this.words.textContent} ${ALONE}`.trim()
  }
}
