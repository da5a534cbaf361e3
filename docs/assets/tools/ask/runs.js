// The recorded runs, a file for each question: what stands there first needs one.

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
