// A reader's documents and questions, cut and searched. No page is needed; it is fetched once there is something to search.

import { goldOf, passagesOf, questionsOf, withoutCopies } from "./questions.js"
import { byMeaning, byWords, depthFor, fused, indexWords } from "./retrieval.js"
import { Unusable } from "./tables.js"

const DEEP = 50 // passages of a search in which the answer's rank is looked for

/** At which rank a search has the first passage that answers; 0 for not at all. */
const rankOf = (places, gold) => places.findIndex((place) => gold.has(place)) + 1

/** A sentence for each document that is read once for several that hold the same. */
const copiesIn = (documents) =>
  withoutCopies(documents)
    .filter(({ called }) => called.length > 1)
    .map(({ called: [name, ...copies] }) => `${name} is read once, and its copies are left out: ${copies.join(", ")}.`)

/** Throws Unusable where a table of questions, or documents without one, cannot be used. */
export function checkAlone({ documents, table }) {
  if (table) questionsOf(table.text, table.name)
  else passagesOf(documents)
}

export class OwnCase {
  /**
   * Cuts the documents and searches them by words. Throws Unusable.
   * @param {{documents: {name: string, text: string}[], table: {name: string, text: string}}} files
   */
  constructor({ documents, table }) {
    const { questions, notes } = questionsOf(table.text, table.name)
    const passages = passagesOf(documents)
    const gold = goldOf(questions, passages)
    const isKnown = (_, at) => gold[at].size > 0
    this.nowhere = questions
      .filter((one, at) => !isKnown(one, at))
      .map(({ item, text }) => `${item} (${text.slice(0, 100)})`)
    if (this.nowhere.length === questions.length) {
      throw new Unusable(
        "No document holds an accepted answer to any question. Check the answers, or the column “document”.",
      )
    }
    this.notes = [...notes, ...copiesIn(documents)]
    this.questions = questions.filter(isKnown)
    this.gold = gold.filter(isKnown)
    this.passages = passages
    const index = indexWords(passages.map(({ shown }) => shown))
    this.found = this.questions.map(({ text }) => byWords(index, text, depthFor(DEEP)))
  }

  ranks(lists) {
    return lists.map((places, at) => rankOf(places, this.gold[at]))
  }

  /** For each question the rank at which BM25 has the first passage that answers; 0 for not at all. */
  ranksByWords() {
    return this.ranks(this.found)
  }

  /** What has to become vectors: the passages, then the questions. */
  texts() {
    return [...this.passages.map(({ shown }) => shown), ...this.questions.map(({ text }) => text)]
  }

  /** The same ranks for the search by vectors, and for both searches fused; `vectors` are those of texts(). */
  ranksByMeaning(vectors) {
    const count = this.passages.length
    const passages = vectors.slice(0, count)
    const near = vectors.slice(count).map((vector) => byMeaning(passages, vector, depthFor(DEEP)))
    const both = near.map((places, at) => fused([this.found[at], places], DEEP))
    return { embeddings: this.ranks(near), hybrid: this.ranks(both) }
  }
}
