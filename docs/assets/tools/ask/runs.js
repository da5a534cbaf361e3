// The recorded runs, a file for each question: what stands on the page first needs one.

import { fetchJson } from "../shared.js"

/**
 * @typedef {Object} Run
 * @property {string} question
 * @property {Object<string, import("./hits.js").Hit[]>} hits  of each search
 * @property {Object<number, import("./passages.js").Passage>} passages  by place
 * @property {{prompt: string, tokens: number, answer: string}[]} answers
 */

/** @returns {Promise<Run>} the run of a question, by its place among those in recorded.json */
export const fetchRun = (place) => fetchJson(new URL(`recorded/${place + 1}.json`, import.meta.url))

export class Runs {
  /**
   * @param {string[]} questions  those that were recorded
   * @param {Run} first  the run of the first
   */
  constructor(questions, first) {
    this.questions = questions
    this.come = [first]
  }

  /** The run of a question, if it has come. */
  of(question) {
    return this.come.find((run) => run.question === question)
  }

  /** Fetches the run of a question. Rejects where it does not come. */
  async fetch(question) {
    const run = await fetchRun(this.questions.indexOf(question))
    this.come.push(run)
    return run
  }

  /** What was recorded of a prompt, if anything was. */
  answerTo(prompt) {
    return this.come.flatMap(({ answers }) => answers).find((one) => one.prompt === prompt)
  }
}
