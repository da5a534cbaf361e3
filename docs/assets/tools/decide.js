// The decision ladder: a page of answers, and what the rules in decide/rules.json make of them as you give them.

import { makeQuestions } from "./decide/questions.js"
import { record } from "./decide/record.js"
import { details, ladder, pageLink } from "./decide/result.js"
import { answersIn, decide, inOrder } from "./decide/rules.js"
import { byId, headline, untilThen } from "./decide/words.js"
import {
  addStyle,
  button,
  dataFor,
  download,
  element,
  fetchJson,
  onAddressChange,
  readAddress,
  writeAddress,
} from "./shared.js"

const RULES = new URL("decide/rules.json", import.meta.url)
const CANNOT_COPY =
  "The browser does not let this page copy: the record is selected below, so press Ctrl+C, or Cmd+C on a Mac."
const NOT_FETCHED = "The rules could not be fetched: reload the page, or use the tables below, which say the same."

/** Builds the tool in its place on the page. */
export async function mount(place) {
  addStyle("tools.css")
  addStyle("decide.css")
  const data = await dataFor(place, fetchJson(RULES), NOT_FETCHED)
  if (!data) return
  new DecideTool(place, data).start()
  place.style.minHeight = ""
}

class DecideTool {
  constructor(place, data) {
    this.place = place
    this.data = data
    this.message = element("p", { class: "tool-message is-error", role: "alert" })
    this.questions = makeQuestions(data, (question, answer) => this.answer(question, answer))
    this.presets = data.scenarios.map(({ id, name, answers }) => {
      return button(name, () => this.take(answers), { "data-scenario": id })
    })
    this.makeSummary()
    this.makeResult()
  }

  start() {
    this.readAnswers()
    // All is filled in before it stands on the page, where each change would be styled and looked through at once.
    this.render()
    this.place.replaceChildren(this.whole())
    onAddressChange(this.place, () => {
      this.readAnswers()
      this.render()
    })
  }

  // What is on the page

  makeSummary() {
    this.status = element("p", { role: "status", class: "tool-result" })
    this.count = element("p", { class: "tool-hint" })
    this.rungs = element("div", { class: "decide-rungs" })
    const card = { class: "tool-card is-result" }
    const why = button("See why", () => this.goToResult())
    this.summary = element(
      "aside",
      { class: "decide-summary", "aria-label": "So far" },
      element("div", card, this.status, this.count, this.rungs, why),
    )
  }

  makeResult() {
    this.headline = element("p", { class: "tool-result" })
    this.says = element("p")
    this.now = element("p", { class: "decide-now" })
    this.details = element("div", { class: "decide-details" })
    this.result = element(
      "section",
      { class: "decide-result", id: "decide-result", tabindex: "-1", "aria-labelledby": "decide-heading" },
      element("h2", { id: "decide-heading" }, "What the rules say"),
      element("div", { class: "tool-card is-result" }, this.headline, this.says, this.now),
      this.details,
      this.makeRecord(),
    )
  }

  makeRecord() {
    const about = "The whole of it as Markdown, for your repository or your meeting. Nothing you type leaves this page."
    const oninput = () => this.showRecord()
    this.name = element("input", { type: "text", id: "decide-name", maxlength: "400", autocomplete: "off", oninput })
    this.said = element("p", { class: "tool-hint", role: "status" })
    this.text = element("pre", { tabindex: "0", "aria-label": "The decision record" })
    this.preview = element("details", { class: "decide-preview" }, element("summary", {}, "Read it here"), this.text)
    const label = element("label", { for: "decide-name" }, "What is it for? (optional)")
    return element(
      "section",
      { class: "decide-record" },
      element("h3", {}, "Decision record"),
      element("p", {}, about),
      element("div", { class: "tool-field" }, label, this.name),
      element(
        "div",
        { class: "tool-row is-controls" },
        button("Copy the record", () => this.copy(), { class: "tool-button is-main" }),
        button("Download it", () => this.save()),
      ),
      this.said,
      this.preview,
    )
  }

  whole() {
    const presets = { class: "tool-row is-controls decide-presets", role: "group", "aria-labelledby": "decide-presets" }
    const clear = button("Clear all", () => this.take({}), { class: "tool-button decide-clear" })
    const start = element(
      "div",
      { class: "decide-start" },
      element(
        "p",
        { id: "decide-presets" },
        "Answer what you can. Or begin with a scenario of the guide and change it:",
      ),
      element("div", presets, ...this.presets, clear),
    )
    const columns = element("div", { class: "decide-columns" }, this.questions.node, this.summary)
    return element("div", { class: "tool decide" }, this.message, start, columns, this.result)
  }

  // What the reader does

  answer(question, answer) {
    this.answers = { ...this.answers, [question]: answer }
    this.malformed = false
    writeAddress(inOrder(this.data, this.answers))
    this.render()
  }

  /** Takes a whole set of answers. */
  take(answers) {
    this.answers = { ...answers }
    this.malformed = false
    writeAddress(inOrder(this.data, this.answers), true)
    this.render()
  }

  goToResult() {
    this.result.scrollIntoView()
    this.result.focus({ preventScroll: true })
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(this.markdown())
      this.said.textContent = "Copied."
    } catch {
      this.preview.open = true
      getSelection().selectAllChildren(this.text)
      this.said.textContent = CANNOT_COPY
    }
  }

  save() {
    download(`decision-${decide(this.data, this.answers).direction}.md`, this.markdown())
    this.said.textContent = "Downloaded."
  }

  // State and result

  readAnswers() {
    const { answers, malformed } = answersIn(this.data, readAddress())
    this.answers = answers
    this.malformed = malformed
  }

  markdown() {
    const address = new URL(location.pathname, location.href)
    address.search = new URLSearchParams(inOrder(this.data, this.answers)).toString()
    return record(this.data, this.answers, { name: this.name.value, today: new Date(), address: address.href })
  }

  showRecord() {
    this.text.textContent = this.markdown()
    this.said.textContent = ""
  }

  render() {
    const { data, answers } = this
    const result = decide(data, answers)
    const design = byId(data.designs, result.direction)
    this.message.textContent = this.malformed
      ? "The address held answers that do not exist, so those questions are left open."
      : ""
    this.questions.mark(answers)
    for (const [index, scenario] of data.scenarios.entries()) {
      const isThis = data.questions.every(({ id }) => answers[id] === scenario.answers[id])
      this.presets[index].setAttribute("aria-pressed", String(isThis))
    }
    this.renderSummary(result)
    this.headline.textContent = headline(data, result)
    this.now.textContent = untilThen(data, result)
    this.now.hidden = !this.now.textContent
    this.says.replaceChildren(design.says, " ", pageLink(design.page, "Read about it"), ".")
    this.details.replaceChildren(...details(data, answers, result))
    this.showRecord()
  }

  renderSummary(result) {
    const questions = this.data.questions
    const answered = questions.filter(({ id }) => this.answers[id]).length
    const sentence = `${answered ? "So far" : "To begin with"}: ${headline(this.data, result)}`
    if (this.status.textContent !== sentence) this.status.textContent = sentence // the same would be read aloud again
    this.count.textContent =
      answered === questions.length
        ? `All ${answered} answered.`
        : `${answered} of ${questions.length} answered. The others count as “I don't know”.`
    this.rungs.replaceChildren(ladder(this.data, result))
  }
}
