// Which question is asked, of what, and what is then shown: a recorded run, or what is found in the guide or in the
// reader's files. How that looks is in view.js.

import { keptModels } from "../embed/kept_models.js"
import { EMBEDDING, WRITER } from "../embed/models.js"
import { ModelRun } from "../measure/model.js"
import { button, element, readAddress, writeAddress } from "../shared.js"
import { AnswerRun } from "./answer_run.js"
import { Form } from "./form.js"
import { taken } from "./hits.js"
import { promptFor } from "./prompt.js"
import { Runs } from "./runs.js"
import { leastOf, readState, writeState } from "./state.js"
import { answerView, foundView, promptView } from "./view.js"
import { sayRecorded, saySource, sayTaken } from "./words.js"

const FETCHING = "Fetching the guide and cutting it into passages."
const NOT_FETCHED =
  "The guide’s text could not be fetched. Check the connection, then ask again. What was recorded stays."
const NO_RUN = "This recorded question could not be fetched. Check the connection, then choose it again."
const NEEDS_MODEL = "This search needs the embedding model. Fetch it below, or choose the keyword search."
const ASK_FIRST = "Your files are cut into passages. Now ask them a question."
const NO_FORM = "What reads your files could not be fetched. Close this and open it again."

export class AskTool {
  /**
   * @param {{questions: string[], count: number, tokensPerWord: number}} recorded  as scripts/record_ask.py writes it
   * @param {import("./runs.js").Run} first  the run of the first question
   */
  constructor(recorded, first) {
    this.recorded = recorded
    this.runs = new Runs(recorded.questions, first)
    this.guide = null // a promise of its corpus, once the reader has asked
    this.corpus = null // what was searched here, the guide or the reader's files; null where a recorded run is shown
    this.form = new Form(
      recorded.questions,
      (question) => this.ask(question),
      (question) => this.showRecorded(question, true),
      (change) => this.change(change),
    )
    this.model = new ModelRun(
      "Search by meaning too",
      () => this.texts(),
      (vectors) => this.searchByMeaning(vectors),
      () => {},
      () => this.corpus.bytesToFetch(),
    )
    this.source = element("p", { class: "tool-hint" })
    this.status = element("p", { class: "ask-status", role: "status" })
    this.found = element("div", {})
    this.prompt = element("div", {})
    this.answer = element("div", {})
    this.writing = new AnswerRun()
    this.node = this.whole()
    this.state = readState(readAddress())
    this.showRecorded(recorded.questions[0]) // stands while another, which the address names, is fetched
    this.followAddress()
  }

  whole() {
    this.back = button("Ask the guide again", () => this.leaveFiles(), { hidden: true })
    const own = element("div", { class: "screen-only" }, this.ownPart())
    const card = (id, heading, ...parts) =>
      element("section", { class: "tool-card", "aria-labelledby": id }, element("h2", { id }, heading), ...parts)
    return element(
      "div",
      { class: "tool ask-tool" },
      card("ask-heading", "The question", this.form.node, own, this.back),
      card("ask-found", "What is found", this.source, this.status, this.model.node, this.found),
      card("ask-prompt", "The prompt that results", this.prompt),
      card("ask-answer", "The answer", this.answer, this.writing.node, this.writing.written),
      keptModels(EMBEDDING, WRITER),
    )
  }

  /** The part for the reader's own files: what it takes is fetched when it is opened. */
  ownPart() {
    const says = element("p", { class: "tool-hint", role: "status" })
    const open = async () => {
      try {
        const { ownFiles } = await import("./own_files.js")
        says.replaceWith(ownFiles((own) => this.takeFiles(own))) // which does nothing the next time
      } catch (error) {
        console.warn(error) // what a developer wants to know
        says.textContent = NO_FORM
      }
    }
    return element("details", { ontoggle: open }, element("summary", {}, "Ask your own files instead"), says)
  }

  // --- What is asked ---------------------------------------------------------------------------------------------

  /** The reader's files, where these are what is searched. */
  get own() {
    return this.corpus?.files ? this.corpus : null
  }

  followAddress() {
    const asked = readState(readAddress())
    const { question } = asked
    const { questions } = this.recorded
    this.state = { ...asked, question: this.state.question } // until what belongs to the other has come
    if (question && (!questions.includes(question) || this.corpus)) this.ask(question)
    else this.showRecorded(question || questions[0])
  }

  writeState() {
    const { question } = this.state
    const isFirst = !this.corpus && question === this.recorded.questions[0]
    writeAddress(writeState({ ...this.state, question: this.own || isFirst ? "" : question }))
  }

  change(change) {
    this.state = { ...this.state, ...change }
    this.form.show(this.state, { isTyping: true })
    this.writeState()
    this.render()
  }

  /** Shows a recorded question; `isChosen`: by the reader, who may have asked something else before. */
  async showRecorded(question, isChosen = false) {
    const turn = {}
    this.turn = turn // another question may be chosen before its run has come
    const run = this.runs.of(question) ?? (await this.fetchRun(question))
    if (!run || turn !== this.turn) return
    this.corpus = null
    this.back.hidden = true
    this.state = { ...this.state, question }
    this.hits = run.hits
    this.passages = run.passages
    this.source.textContent = sayRecorded(this.recorded.count)
    this.form.show(this.state)
    if (isChosen) this.writeState()
    this.render()
  }

  /** The run of a recorded question that has not come yet; null where it does not come, which is said. */
  async fetchRun(question) {
    try {
      return await this.runs.fetch(question)
    } catch (error) {
      console.warn(error) // what a developer wants to know
      this.status.textContent = NO_RUN
      return null
    }
  }

  /** Searches by words at once, and by meaning where the reader has fetched the model. */
  async ask(question) {
    const turn = {}
    const before = this.state
    this.turn = turn // another question, or other files, may come meanwhile
    this.state = { ...this.state, question }
    this.form.show(this.state)
    this.writeState()
    if (!this.own && !this.guide) this.status.textContent = FETCHING
    try {
      this.guide ??= this.own ? null : import("./corpus.js").then(({ guideCorpus }) => guideCorpus())
      const corpus = this.own ?? (await this.guide)
      if (turn !== this.turn) return
      this.take(corpus, corpus.search(question))
      if (this.hasModel) this.startModel()
    } catch (error) {
      console.warn(error) // what a developer wants to know
      this.guide = null
      if (turn !== this.turn) return
      this.state = { ...this.state, question: before.question } // what is shown stays, and belongs to it
      this.writeState()
      this.status.textContent = NOT_FETCHED
    }
  }

  /** Shows what was found in a corpus. */
  take(corpus, hits) {
    this.corpus = corpus
    this.passages = corpus.passages
    this.hits = hits
    this.source.textContent = saySource(corpus.passages.length, corpus.files)
    this.render()
  }

  takeFiles(own) {
    this.turn = {}
    this.back.hidden = false
    this.form.field.value = ""
    this.state = { ...this.state, question: "" }
    this.writeState()
    this.take(own, { keyword: [] })
    this.status.textContent = ASK_FIRST
    this.form.field.focus()
  }

  leaveFiles() {
    this.showRecorded(this.recorded.questions[0], true)
    this.form.field.focus()
  }

  // --- The search by meaning -------------------------------------------------------------------------------------

  /** What has to become vectors: the question, and passages that have none. */
  async texts() {
    const { turn, corpus, state } = this
    const places = await corpus.placesWithout()
    this.asked = { turn, corpus, places }
    return [state.question, ...places.map((place) => corpus.passages[place].shown)]
  }

  /** Lets the model search for the present question, unless it is at work: then it goes on with that one afterwards. */
  startModel() {
    if (this.corpus && this.state.question && !this.model.button.disabled) this.model.start()
  }

  async searchByMeaning([question, ...vectors]) {
    const { turn, corpus, places } = this.asked
    for (const [at, place] of places.entries()) corpus.vectors[place] = vectors[at]
    this.hasModel = true
    if (turn !== this.turn) {
      setTimeout(() => this.startModel()) // the question has changed: once more, when this run has ended
      return
    }
    this.hits = corpus.search(this.state.question, question)
    this.render()
  }

  // --- What is shown ---------------------------------------------------------------------------------------------

  render() {
    const { state, hits, passages, corpus } = this
    const least = leastOf(state)
    const wanted = hits[state.by]
    const close = wanted ? taken(wanted, state.k, least) : []
    this.status.textContent = wanted ? sayTaken(state.by, close.length, least, wanted[0]) : NEEDS_MODEL
    this.model.node.hidden = !corpus || !state.question || Boolean(hits.minilm)
    this.found.replaceChildren(...foundView(close, hits, passages, state, corpus))
    this.renderPrompt(close.map(({ place }) => passages[place].shown))
  }

  renderPrompt(texts) {
    const prompt = texts.length ? promptFor(this.state.question, texts) : ""
    const recorded = this.runs.answerTo(prompt)
    this.writing.take(prompt, texts)
    this.prompt.replaceChildren(...promptView(prompt, recorded, this.recorded.tokensPerWord))
    this.answer.replaceChildren(...answerView(prompt, recorded, texts))
  }
}
