// A question, what three searches find for it, the prompt that results, and where the answer was recorded, the answer.

import { keptModels } from "../embed/kept_models.js"
import { EMBEDDING, WRITER } from "../embed/models.js"
import { Files, fetched, sorted } from "../measure/files.js"
import { ModelRun } from "../measure/model.js"
import { Unusable } from "../measure/tables.js"
import { button, element, readAddress, writeAddress } from "../shared.js"
import { AnswerRun } from "./answer_run.js"
import { check } from "./citing.js"
import { Form } from "./form.js"
import { sectionOf, taken } from "./hits.js"
import { estimateTokens, promptFor } from "./prompt.js"
import { fetchRun } from "./runs.js"
import { leastOf, readState, writeState } from "./state.js"
import { comparison, passageList, promptView } from "./view.js"
import { sayCheck, saySource, sayTaken, sayTokens } from "./words.js"

const FETCHING = "Fetching the guide and cutting it into passages."
const NOT_FETCHED =
  "The guide’s text could not be fetched. Check the connection, then ask again. What was recorded stays."
const NO_RUN = "This recorded question could not be fetched. Check the connection, then choose it again."
const NEEDS_MODEL = "This search needs the embedding model. Fetch it below, or choose the keyword search."
const ASK_FIRST = "Your files are cut into passages. Now ask them a question."
const FILES_HINT = "Markdown and plain text, .md or .txt. They are read in this tab and sent nowhere."

/** What searches, fetched once the reader asks. */
const searching = () => import("./corpus.js")

export class AskTool {
  /**
   * @param {{questions: string[], count: number, tokensPerWord: number}} recorded  as scripts/record_ask.py writes it
   * @param {import("./runs.js").Run} first  the run of the first question
   */
  constructor(recorded, first) {
    this.recorded = recorded
    this.runs = [first] // those that have come
    this.guide = null // a promise of its corpus, once the reader has asked
    this.own = null
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
    this.writing = new AnswerRun((answer, texts) => sayCheck(check(answer, texts)))
    this.node = this.whole()
    this.state = readState(readAddress())
    this.showRecorded(recorded.questions[0]) // stands while another, which the address names, is fetched
    this.followAddress()
  }

  whole() {
    this.files = new Files(
      { id: "ask-files", label: "Your files", hint: FILES_HINT, accept: ".md,.markdown,.txt", pasted: "pasted.md" },
      (files) => this.takeFiles(files),
    )
    this.back = button("Ask the guide again", () => this.leaveFiles(), { hidden: true })
    const own = element("details", {}, element("summary", {}, "Ask your own files instead"), this.files.node)
    const card = (id, heading, ...parts) =>
      element("section", { class: "tool-card", "aria-labelledby": id }, element("h2", { id }, heading), ...parts)
    return element(
      "div",
      { class: "tool ask-tool" },
      card("ask-heading", "The question", this.form.node, element("div", { class: "screen-only" }, own), this.back),
      card("ask-found", "What is found", this.source, this.status, this.model.node, this.found),
      card("ask-prompt", "The prompt that results", this.prompt),
      card("ask-answer", "The answer", this.answer, this.writing.node, this.writing.written),
      keptModels(EMBEDDING, WRITER),
    )
  }

  // --- What is asked ---------------------------------------------------------------------------------------------

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
    const run = this.runs.find((one) => one.question === question) ?? (await this.nextRun(question))
    if (!run || turn !== this.turn) return
    this.corpus = this.own = null
    this.back.hidden = true
    this.state = { ...this.state, question }
    this.hits = run.hits
    this.passages = run.passages
    this.source.textContent = saySource({ isRecorded: true, count: this.recorded.count })
    this.form.show(this.state)
    if (isChosen) this.writeState()
    this.render()
  }

  /** The run of a recorded question that has not come yet; null where it does not come, which is said. */
  async nextRun(question) {
    try {
      const run = await fetchRun(this.recorded.questions.indexOf(question))
      this.runs.push(run)
      return run
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
      this.guide ??= this.own ? null : searching().then(({ guideCorpus }) => guideCorpus())
      const corpus = this.own ?? (await this.guide)
      if (turn !== this.turn) return
      this.corpus = corpus
      this.passages = corpus.passages
      this.hits = corpus.search(question)
      this.source.textContent = saySource({
        isOwn: corpus.files > 0,
        files: corpus.files,
        count: corpus.passages.length,
      })
      this.render()
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

  async takeFiles(files) {
    const { tables, documents } = sorted(files)
    if (tables.length) throw new Unusable(`${tables[0].name} is a table. Give documents, .md or .txt.`)
    const { filesCorpus } = await fetched(searching())
    const own = await filesCorpus(documents)
    this.own = own
    this.back.hidden = false
    this.form.field.value = ""
    this.corpus = own
    this.passages = own.passages
    this.turn = {}
    this.hits = { keyword: [] }
    this.state = { ...this.state, question: "" }
    this.writeState()
    this.source.textContent = saySource({ isOwn: true, files: own.files, count: own.passages.length })
    this.render()
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
    const { by, k } = this.state
    const isOwn = Boolean(this.own)
    const hits = this.hits[by]
    const close = hits ? taken(hits, k, leastOf(this.state)) : []
    this.status.textContent = hits ? sayTaken(by, close.length, leastOf(this.state), hits[0]) : NEEDS_MODEL
    this.model.node.hidden = !this.corpus || !this.state.question || Boolean(this.hits.minilm)
    const shown = close.length || !hits ? close : hits.slice(0, 1)
    const sectionAt = (place) => (this.corpus ? sectionOf(this.passages, place) : null)
    this.found.replaceChildren(
      ...[
        passageList(shown, this.passages, by, sectionAt, isOwn),
        comparison(this.hits, this.passages, this.state, isOwn),
      ].filter(Boolean),
    )
    this.renderPrompt(close.map(({ place }) => this.passages[place].shown))
  }

  renderPrompt(texts) {
    const prompt = texts.length ? promptFor(this.state.question, texts) : ""
    this.writing.take(prompt, texts)
    const recorded = this.runs.flatMap(({ answers }) => answers).find((one) => one.prompt === prompt)
    if (!prompt) {
      this.prompt.replaceChildren(element("p", {}, "There is none: nothing close enough was found."))
      this.answer.replaceChildren(element("p", { class: "tool-result" }, "I don’t know."))
      return
    }
    const tokens = recorded?.tokens ?? estimateTokens(prompt, this.recorded.tokensPerWord)
    this.prompt.replaceChildren(
      element("p", { class: "tool-hint" }, sayTokens(tokens, Boolean(recorded))),
      promptView(prompt),
    )
    this.renderAnswer(recorded, texts)
  }

  renderAnswer(recorded, texts) {
    if (!recorded) {
      const words =
        "No answer was recorded for this prompt. Copy it into a model of yours, or let a small one write here; then read " +
        "the passages beside the answer."
      this.answer.replaceChildren(element("p", {}, words))
      return
    }
    this.answer.replaceChildren(
      element("p", { class: "tool-hint" }, "Recorded: SmolLM2-135M, a model of 135 million parameters, wrote"),
      element("blockquote", { class: "ask-answer" }, recorded.answer),
      element("p", {}, sayCheck(check(recorded.answer, texts))),
    )
  }
}
