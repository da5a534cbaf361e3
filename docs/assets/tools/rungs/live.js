// The small model answers a recorded question in the tab, once for each rung: without and with a passage, without and with
// the adapter that was trained on the facts. The reader may change the passage.

import { isKept, urlOf } from "../embed/kept_files.js"
import { keptModels } from "../embed/kept_models.js"
import { WRITER } from "../embed/models.js"
import { count, element, fetchJson } from "../shared.js"
import { WriterRun } from "../write/writer_run.js"
import { ARMS, filledIn, passageOf, verdictOf } from "./prompts.js"

const FAILED = "The language model does not run here. The recorded answers above need none."
const HERE = new URL("./", import.meta.url)

const sayNeeds = (megabytes, hasModel) =>
  `This needs ${hasModel ? "" : "the language model SmolLM2-135M and "}the adapter with the facts: ${megabytes} MB from this ` +
  "site, kept on your device, and about 600 MB of memory until you leave the page or remove the model. Your passage stays here."

class LiveRun extends WriterRun {
  /** @param {Object} live  what live.json holds */
  constructor(live) {
    super("Answer here in all four ways", sayNeeds, FAILED)
    this.live = live
    this.passage = element("textarea", { rows: 4 })
    this.rows = new Map(ARMS.map(({ name }) => [name, element("td", {}, "")]))
    this.table = element("table", { class: "rungs-answers", hidden: true })
    this.table.append(
      element("caption", {}, "Written in this tab, by 135 million parameters"),
      ...[...this.rows].map(([name, cell]) => element("tr", {}, element("th", { scope: "row" }, name), cell)),
    )
    this.node.append(this.table)
  }

  async moreBytes() {
    const { adapter } = this.live
    return this.model.hasAdapter(adapter) || (await isKept(urlOf(adapter, HERE))) ? 0 : adapter.bytes
  }

  /** Takes another question, or none; what was answered to the one before goes. */
  take(question, wording) {
    if (question && question.id === this.question?.id && wording === this.wording) return
    Object.assign(this, { question, wording })
    this.passage.value = question ? passageOf(this.live, wording, question.id) : ""
    this.leave()
  }

  /** Ends what is being answered and takes away what was; what is being fetched goes on, for the next question needs it. */
  leave() {
    if (this.table.hidden) return
    this.end("")
    this.table.hidden = true
  }

  async start() {
    this.leave()
    await super.start()
  }

  async load() {
    await super.load()
    await this.model.fetchAdapter(this.live.adapter, HERE.href, ({ done, total }) => {
      this.bar.value = done / total
    })
  }

  async work(heed) {
    heed()
    const { question } = this
    const passage = this.passage.value
    this.words.textContent = ""
    if (!question) return // none is shown any more
    for (const cell of this.rows.values()) cell.replaceChildren()
    this.table.hidden = false
    for (const arm of ARMS) await this.ask(arm, filledIn(this.live.prompts[arm.prompt], question.text, passage), heed)
    this.words.textContent = "All four are answered."
  }

  /** Asks the model of one arm, and shows what it writes. */
  async ask({ name, isTuned }, text, heed) {
    const cell = this.rows.get(name)
    const answer = element("p", {})
    cell.replaceChildren(answer)
    const on = {
      read: (tokens) => {
        this.words.textContent = `${name}: reading ${count(tokens, "token")}.`
      },
      piece: (piece) => answer.append(piece),
    }
    await this.answer(text, this.live.most, on, heed, isTuned ? this.live.adapter : null)
    answer.textContent = answer.textContent.trim() || "(nothing)"
    const said = verdictOf(this.question.accept, answer.textContent)
    if (said) cell.prepend(element("span", { class: `rungs-verdict is-${said.verdict}` }, said.words))
  }
}

/** The part of the page in which the model answers: it is built when the reader opens it. */
export async function liveOf() {
  const live = await fetchJson(new URL("live.json", HERE))
  const run = new LiveRun(live)
  const changed =
    "Change a fact in it and ask again. With retrieval the model reads the new one; the adapter keeps the old."
  const passage = element("label", { class: "rungs-choice" }, "The passage that the search found", run.passage)
  const hint = element("p", { class: "tool-hint" }, changed)
  return { run, node: element("div", {}, passage, hint, run.node, keptModels(WRITER)) }
}
