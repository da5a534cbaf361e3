// The mock interview: a prompt, two minutes, then the rubric. The reader scores each point; what was left out comes back
// first. All is kept on this device. Comparing an answer by meaning is fetched when the reader asks for it.

import { keptModels } from "./embed/kept_models.js"
import { EMBEDDING } from "./embed/models.js"
import { isDue, isNew, leftOut, need, nextBox, pickNext, pointKey } from "./practice/boxes.js"
import { Chooser, matching, readFilter } from "./practice/chooser.js"
import { forgetAttempt, keepAttempt, onProgressElsewhere, Progress, readAttempt } from "./practice/progress.js"
import { ProgressPanel } from "./practice/progress_panel.js"
import { readIndex, readWhole } from "./practice/prompts.js"
import { Timer } from "./practice/timer.js"
import { lastTime, withLinks, wordsIn } from "./practice/words.js"
import { addStyle, button, count, dataFor, element, onAddressChange, readAddress, writeAddress } from "./shared.js"

const NOT_FETCHED = "The prompts could not be fetched. All of them are here [as text](tools/prompts.md)."
const NO_RUBRIC = "The rubric could not be fetched. Try again, or read it [as text](tools/prompts.md#ID)."
const NOT_HERE = "The address names something that is not here, so this is the next prompt for you."
const NONE_OF_THAT_KIND = "There is no prompt of that kind at that level. Choose another."
const HOW_TO_ANSWER = "Type it, or say it aloud and leave this empty. Nothing is recorded or sent. "
const BEFORE_IT_IS_SAID = 50 // milliseconds: text that changes at once is not read aloud

/** Builds the mock interview into its place on the page. */
export async function mount(place) {
  addStyle("tools.css")
  addStyle("practice.css")
  place.replaceChildren(element("p", { class: "tool-message is-error" }, "Fetching the prompts."))
  const all = await dataFor(place, readIndex(), withLinks(NOT_FETCHED))
  if (all) new PracticeTool(place, all).start()
}

class PracticeTool {
  constructor(place, all) {
    this.place = place
    this.all = all
    this.everything = [all.drill, ...all.prompts]
    const keys = this.everything.flatMap((prompt) => prompt.rubric.map((point) => pointKey(prompt, point)))
    this.progress = new Progress(new Set(keys))
    this.passed = new Set() // the prompts shown on this visit
    this.filter = { kind: "", level: "" }
    this.status = element("p", { class: "visually-hidden", role: "status", "aria-live": "polite" })
    this.note = element("p", { class: "tool-message is-error", hidden: true })
    this.standing = element("p", { class: "practice-standing" })
    this.timer = new Timer((words) => this.say(words))
    this.chooser = new Chooser(
      all,
      (change) => this.refilter(change),
      (id) => this.go(this.named(id)),
    )
    this.progressPanel = new ProgressPanel(this.everything, this.progress, {
      onOpen: (prompt) => this.go(prompt),
      onChange: () => this.showStanding(),
      onErase: () => this.show(this.prompt, false),
    })
    this.makeQuestion()
  }

  start() {
    // All is filled in before it stands on the page, where each change would be styled and looked through at once.
    this.followAddress()
    if (this.progress.note) this.tell(this.progress.note)
    const top = element(
      "div",
      { class: "practice-top" },
      this.standing,
      button("Drill the ladder", () => this.go(this.all.drill)),
    )
    const parts = [top, this.chooser.node, this.note, this.card, this.progressPanel.node, this.status]
    this.place.replaceChildren(element("div", { class: "tool practice" }, ...parts, keptModels(EMBEDDING)))
    onAddressChange(this.place, () => this.followAddress())
    onProgressElsewhere(this.place, () => {
      this.progress.readBack()
      this.showStanding()
    })
  }

  makeQuestion() {
    this.tags = element("p", { class: "practice-tags" })
    this.question = element("h2", { class: "practice-question", id: "practice-question", tabindex: "-1" })
    this.came = element("p", { class: "practice-came" })
    this.answer = element("textarea", {
      id: "practice-answer",
      rows: "7",
      placeholder: " ",
      spellcheck: "true",
      "aria-describedby": "practice-answer-note",
      oninput: () => this.typed(),
    })
    this.counted = element("span")
    this.ask = button("Show the rubric", () => this.showRubric(), { class: "tool-button is-main" })
    this.before = element(
      "div",
      { class: "tool-row is-controls" },
      this.ask,
      button("Another prompt", () => this.next()),
    )
    this.result = element("div", { class: "practice-result", hidden: true })
    const label = element("label", { for: "practice-answer" }, "Your answer")
    this.card = element(
      "section",
      {
        class: "tool-card practice-card",
        "aria-labelledby": "practice-question",
        onfocusin: () => readWhole(this.prompt.id).catch(() => null), // ahead: the reader has begun
      },
      this.tags,
      this.question,
      this.came,
      this.timer.node,
      element("div", { class: "tool-field" }, label, this.answer),
      element("p", { class: "tool-hint", id: "practice-answer-note" }, HOW_TO_ANSWER, this.counted),
      this.before,
      this.result,
    )
  }

  // What is said

  /** Says something aloud, politely. */
  say(words) {
    this.status.textContent = ""
    setTimeout(() => {
      this.status.textContent = words
    }, BEFORE_IT_IS_SAID)
  }

  /** Shows something that the reader should know, with [words](page.md) as links; "" takes it away. */
  tell(words) {
    this.note.replaceChildren(...withLinks(words).filter(Boolean))
    this.note.hidden = !words
    if (words) this.say(this.note.textContent)
  }

  // Which prompt

  named(id) {
    return this.everything.find((prompt) => prompt.id === id)
  }

  /** The prompt that comes next. */
  nextOf(current) {
    const found = matching(this.all, this.filter)
    const pool = found.length ? found : this.all.prompts
    const isWhole = pool.length === this.all.prompts.length
    const drill = isWhole && need(this.all.drill, this.progress.points) ? [this.all.drill] : []
    return pickNext([...drill, ...pool], this.progress.points, current, this.passed)
  }

  followAddress() {
    const address = readAddress()
    const { filter, isUnderstood } = readFilter(this.all, address)
    this.filter = filter
    const id = address.get("prompt")
    const wanted = this.named(id)
    this.show(wanted ?? this.nextOf(""), false)
    if (!isUnderstood || (id !== null && !wanted)) this.tell(NOT_HERE)
  }

  write(step) {
    const { kind, level } = this.filter
    writeAddress({ prompt: this.prompt.id, ...(kind && { kind }), ...(level && { level }) }, step)
  }

  /** Takes another kind or level. */
  refilter(change) {
    this.filter = { ...this.filter, ...change }
    const found = matching(this.all, this.filter)
    if (found.length && !found.includes(this.prompt)) this.show(this.nextOf(this.prompt.id), true)
    else {
      this.write(true)
      this.chooser.show(this.filter, this.prompt)
    }
    this.tell(found.length ? "" : NONE_OF_THAT_KIND)
    if (found.length) this.say(`${count(found.length, "prompt")} to choose from.`)
  }

  /** Opens a prompt; where its rubric was shown already, for another attempt. */
  go(prompt) {
    if (readAttempt(prompt).shown) forgetAttempt(prompt)
    this.show(prompt, true)
    this.question.focus({ preventScroll: true })
    this.card.scrollIntoView({ block: "start" })
  }

  next() {
    this.go(this.nextOf(this.prompt.id))
  }

  /** Shows a prompt as it was left; `step` makes it a step to go back from. */
  show(prompt, step) {
    this.prompt = prompt
    this.passed.add(prompt.id)
    this.attempt = readAttempt(prompt)
    const named = (list, id) => list.find((one) => one.id === id).name
    const { all, attempt } = this
    this.tags.textContent =
      prompt === all.drill ? "The drill" : `${named(all.kinds, prompt.kind)} · ${named(all.levels, prompt.level)}`
    this.question.textContent = prompt.prompt
    this.came.textContent = lastTime(leftOut(prompt, this.progress.points).length, prompt.rubric.length)
    this.came.hidden = !this.came.textContent
    this.answer.value = attempt.answer
    this.countWords()
    this.timer.reset()
    this.tell("")
    this.write(step)
    this.chooser.show(this.filter, prompt)
    this.before.hidden = attempt.shown
    this.result.hidden = true
    this.rubric = null
    this.result.replaceChildren()
    if (attempt.shown) this.fillResult(0)
    this.showStanding()
  }

  // The answer and its rubric

  typed() {
    this.attempt.answer = this.answer.value
    keepAttempt(this.prompt, this.attempt)
    this.countWords()
    this.rubric?.answerChanged()
  }

  countWords() {
    const number = wordsIn(this.attempt.answer)
    this.counted.textContent = number ? `${count(number, "word")}; two minutes aloud are about 280.` : ""
  }

  async showRubric() {
    const { prompt, attempt } = this
    this.timer.stop()
    const title = await this.fillResult(this.timer.countdown.taken)
    if (!title) return
    attempt.shown = true
    const boxes = prompt.rubric.map((point) => {
      return [point.id, this.progress.points.get(pointKey(prompt, point))?.box ?? null]
    })
    attempt.before = Object.fromEntries(boxes)
    keepAttempt(prompt, attempt)
    title.focus({ preventScroll: true })
    title.scrollIntoView({ block: "nearest" })
  }

  /**
   * Shows the rubric in place of the buttons before it.
   * @param {number} taken  seconds, 0 where the clock did not run
   * @returns {Promise<?HTMLElement>}  its title; null where it could not be fetched, or another attempt is open by now
   */
  async fillResult(taken) {
    const { prompt, attempt } = this
    this.ask.disabled = true
    const coming = Promise.all([readWhole(prompt.id), import("./practice/rubric.js")])
    const [whole, part] = await coming.catch(() => [null])
    if (attempt !== this.attempt) return null
    this.ask.disabled = false
    this.before.hidden = whole !== null
    this.tell(whole ? "" : NO_RUBRIC.replace("ID", prompt.id))
    if (!whole) return null
    this.rubric = new part.Rubric(whole, attempt, taken, {
      onJudge: (point, verdict) => this.judge(point, verdict),
      onNext: () => this.next(),
      onAgain: () => this.go(this.prompt),
      say: (words) => this.say(words),
    })
    this.result.replaceChildren(...this.rubric.nodes)
    this.result.hidden = false
    return this.rubric.title
  }

  judge(point, verdict) {
    const { prompt, attempt } = this
    attempt.verdicts[point.id] = verdict
    keepAttempt(prompt, attempt)
    this.progress.set(pointKey(prompt, point), nextBox(attempt.before?.[point.id], verdict === "said"))
    this.passed.delete(prompt.id) // it may come back on this visit, when its points are due
    this.showStanding()
  }

  showStanding() {
    const { points } = this.progress
    const now = Date.now()
    const tried = this.everything.filter((prompt) => !isNew(prompt, points)).length // the drill counts too
    const due = [...points.values()].filter((kept) => isDue(kept, now)).length
    const again = due ? ` · ${count(due, "point")} due again` : ""
    this.standing.textContent = `${tried} of ${this.everything.length} prompts tried${again}`
    this.progressPanel.show()
  }
}
