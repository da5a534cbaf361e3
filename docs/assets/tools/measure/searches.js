// Documents and questions: how often each of three searches has a passage with an accepted answer among its first.

import { button, element, fetchJson } from "../shared.js"
import { Files, fetched, sorted } from "./files.js"
import { ModelRun } from "./model.js"
import { reportButtons, verdictData } from "./report.js"
import { verdictView } from "./result_view.js"
import { table } from "./table_view.js"
import { Unusable } from "./tables.js"
import { judge, rate } from "./verdict.js"
import { sayRate } from "./words.js"

const DEPTHS = [1, 3, 5]
const READ = 3 // passages that a model would be given: the verdict is about these
const NAMES = { bm25: "BM25", embeddings: "MiniLM", hybrid: "BM25 + MiniLM" }
const HINT =
  "Documents as .md or .txt, and one .csv or .jsonl with “question” and “answers” (several parted by |); where wanted “id”, " +
  "“document” and “answerable”. They are read in this tab and sent nowhere."
const SAMPLE = "24 documents of a fictional company and the questions about them. Recorded with rung in Python."
const MOST_NAMED = 50
const NEEDED = {
  documents: "Now add the documents: .md or .txt files.",
  questions: "Now add the questions: a .csv or .jsonl file.",
}

/** What cuts and searches, fetched once there is something to search. */
const searching = () => fetched(import("./own_case.js"))

export class SearchesPart {
  /** @param {{passages: number, items: string[], ranks: Object<string, number[]>, nowhere: string[]}} sample */
  constructor(sample, margin) {
    this.sample = sample
    this.margin = margin
    this.files = new Files(
      {
        id: "measure-searches",
        label: "Your documents and questions",
        hint: HINT,
        accept: ".md,.markdown,.txt,.rst,.adoc,.csv,.tsv,.jsonl,.json",
        pasted: "the pasted questions.csv",
      },
      (files) => this.add(files),
    )
    this.model = new ModelRun(
      "Search by meaning too",
      () => this.texts(),
      (vectors) => this.searchByMeaning(vectors),
    )
    this.source = element("p", { class: "tool-hint", role: "status" })
    this.notes = element("ul", { class: "tool-hint" })
    this.shown = element("div", {})
    const controls = [
      button("Search the sample in this tab (0.1 MB)", () => this.runSample()),
      button("Back to the sample", () => this.takeSample()),
    ]
    this.node = element(
      "section",
      { class: "tool-card", id: "measure-part-searches", "aria-labelledby": "measure-searches-heading" },
      element("h2", { id: "measure-searches-heading" }, "Documents and questions"),
      this.files.node,
      element("div", { class: "tool-row is-controls" }, ...controls),
      this.source,
      this.notes,
      this.model.node,
      this.shown,
      reportButtons("searches", () => this.report()),
    )
    this.takeSample()
  }

  setMargin(margin) {
    this.margin = margin
    this.render()
  }

  takeSample() {
    const { passages, items, ranks, nowhere } = this.sample
    this.own = { documents: [], table: null, isSample: true }
    this.about = `Recorded sample. ${SAMPLE}`
    this.data = { passages, items, nowhere, notes: [] }
    this.ranks = ranks
    this.model.node.hidden = true
    this.render()
  }

  async runSample() {
    try {
      const { documents, questions } = await fetchJson(new URL("case.json", import.meta.url))
      const { OwnCase } = await searching()
      this.own = { documents, table: { name: "questions.csv", text: questions }, isSample: true }
      this.search(new OwnCase(this.own), "The sample, searched in this tab:")
    } catch (error) {
      console.warn(error) // what a developer wants to know
      this.files.message.textContent =
        "The sample could not be fetched. Shown is the recorded run. Try again when you are online."
    }
  }

  /** Adds files to those that are there; once there are documents and questions, they are searched. */
  async add(files) {
    const { tables, documents } = sorted(files)
    if (tables.length > 1) throw new Unusable("These are several tables of questions. Give one.")
    const { OwnCase, checkAlone } = await searching()
    const names = new Set(documents.map(({ name }) => name))
    const before = this.own
    const kept = before.isSample ? { documents: [], table: null } : before
    this.own = {
      documents: [...kept.documents.filter(({ name }) => !names.has(name)), ...documents],
      table: tables[0] ?? kept.table,
    }
    try {
      if (this.own.documents.length && this.own.table) this.search(new OwnCase(this.own), "Yours:")
      else {
        checkAlone(this.own) // says now what is wrong
        this.source.textContent = this.own.table ? NEEDED.documents : NEEDED.questions
      }
    } catch (error) {
      this.own = before
      throw error
    }
  }

  /** Shows what the search by words finds. */
  search(found, about) {
    this.case = found
    this.about = `${about} ${this.own.documents.length} documents, ${found.passages.length} passages, ${found.questions.length} questions.`
    this.data = {
      passages: found.passages.length,
      items: found.questions.map(({ item }) => item),
      nowhere: found.nowhere,
      notes: found.notes,
    }
    this.ranks = { bm25: found.ranksByWords() }
    this.model.node.hidden = false
    this.render()
  }

  texts() {
    this.asked = this.data
    return this.case.texts()
  }

  searchByMeaning(vectors) {
    if (this.asked !== this.data) return // other files came meanwhile
    this.ranks = { bm25: this.ranks.bm25, ...this.case.ranksByMeaning(vectors) }
    this.render()
  }

  /** How often each search has an answer among its first passages. */
  quality() {
    return Object.entries(this.ranks).map(([method, ranks]) => {
      return { method, rates: DEPTHS.map((depth) => rate(ranks.map((rank) => rank > 0 && rank <= depth))) }
    })
  }

  /** What no search has among its first passages, and what stands in no document. */
  missed() {
    const deepest = DEPTHS.at(-1)
    const all = Object.values(this.ranks)
    const missed = this.data.items.filter((_, at) => all.every((ranks) => !ranks[at] || ranks[at] > deepest))
    const list = (words, names) => {
      const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : ""
      return names.length ? element("li", {}, `${words}: ${names.slice(0, MOST_NAMED).join(", ")}${more}.`) : null
    }
    const said = [
      list("The accepted answer stands in no document", this.data.nowhere),
      list(`No search has it among the first ${deepest} passages`, missed),
    ].filter(Boolean)
    return said.length ? [element("ul", { class: "measure-missed" }, ...said)] : []
  }

  render() {
    this.source.textContent = this.about
    this.notes.replaceChildren(...this.data.notes.map((note) => element("li", {}, note)))
    this.notes.hidden = !this.data.notes.length
    const rows = this.quality().map(({ method, rates }) => [NAMES[method], ...rates.map(sayRate)])
    const head = ["Search", ...DEPTHS.map((depth) => `Among the first ${depth}`)]
    const systems = Object.entries(this.ranks).map(([method, ranks]) => {
      return { name: NAMES[method], hits: ranks.map((rank) => rank > 0 && rank <= READ) }
    })
    this.verdict = judge(systems, this.margin)
    this.shown.replaceChildren(
      table(
        `Questions with an accepted answer in one of the first passages, of ${this.data.passages} in all`,
        head,
        rows,
      ),
      element("p", {}, `Compared by the first ${READ}, from the simplest search to the most expensive:`),
      verdictView(this.verdict, { items: this.data.items, systems }),
      ...this.missed(),
    )
  }

  report() {
    const searches = Object.fromEntries(
      this.quality().map(({ method, rates }) => [
        method,
        Object.fromEntries(rates.map((one, at) => [DEPTHS[at], one])),
      ]),
    )
    const data = { passages: this.data.passages, searches, nowhere: this.data.nowhere, ...verdictData(this.verdict) }
    return { title: "Searches measured", about: this.about, shown: this.shown, data }
  }
}
