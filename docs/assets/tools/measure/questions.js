// Documents and questions out of a reader's files, and which passages hold an accepted answer to which question.

import { cut } from "./cutting.js"
import { canonical, standsIn } from "./scoring.js"
import { NO, needColumn, readTable, textOf, Unusable } from "./tables.js"

export const PASSAGE_WORDS = 150 // in a passage, at most; about 200 pieces of words
const MOST_PASSAGES = 5000
const MOST_QUESTIONS = 1000

/** Accepted answers: a list, or several in one cell parted by “|”. */
const answersOf = (value) => {
  const parts = Array.isArray(value) ? value.map(textOf) : textOf(value).split("|")
  return parts.map((part) => part.trim()).filter((part) => canonical(part))
}

/**
 * The questions of a table that have an accepted answer. What rung calls not answerable is counted, since only a model can
 * be wrong there.
 * @returns {{questions: {item: string, text: string, answers: string[], document: string}[], notes: string[]}}
 */
export function questionsOf(text, file) {
  const rows = readTable(text, file)
  for (const name of ["question", "answers"]) needColumn(rows, file, name)
  const read = rows.map((row) => ({
    item: textOf(row.get("item")) || `q${row.number}`,
    text: textOf(row.get("question")),
    answers: answersOf(row.get("answers")),
    document: textOf(row.get("document")),
    isAnswerable: !NO.has(textOf(row.get("answerable")).toLowerCase()),
  }))
  const questions = read.filter((one) => one.isAnswerable && one.text && one.answers.length)
  if (!questions.length) throw new Unusable(`${file} has no question with an accepted answer.`)
  if (questions.length > MOST_QUESTIONS) {
    throw new Unusable(
      `${file} has ${questions.length} questions. In a tab at most ${MOST_QUESTIONS} are read: give a sample.`,
    )
  }
  const without = read.filter((one) => one.isAnswerable && !(one.text && one.answers.length)).length
  const unanswerable = read.filter((one) => !one.isAnswerable).length
  const notes = []
  if (without) notes.push(`${without} of the questions have no text or no accepted answer, and are left out.`)
  if (unanswerable)
    notes.push(`${unanswerable} that the documents do not answer are left out: no search can be right or wrong there.`)
  return { questions, notes }
}

/**
 * Documents with text of which none holds what another of its kind does, as in rung; `called` are the names of all that do,
 * the first of which stays.
 */
export function withoutCopies(documents) {
  const byContent = new Map()
  for (const { name, text } of documents) {
    if (!text.trim()) continue
    const suffix = /\.[^./]*$/.exec(name)?.[0].toLowerCase() // by which it is read
    const content = `${suffix}/${text}`
    if (!byContent.has(content)) byContent.set(content, { name, text, called: [] })
    byContent.get(content).called.push(name)
  }
  return [...byContent.values()]
}

/** The passages of some documents, none twice; `called` are the names by which a question may call a passage's document. */
export function passagesOf(documents) {
  const passages = withoutCopies(documents).flatMap(({ name, text, called }) =>
    cut(name, text, PASSAGE_WORDS).map((passage) => ({ ...passage, called })),
  )
  if (!passages.length) throw new Unusable("The documents hold no text. Give .md or .txt files with text in them.")
  if (passages.length > MOST_PASSAGES) {
    throw new Unusable(
      `The documents make ${passages.length} passages. In a tab at most ${MOST_PASSAGES} are searched: give a part.`,
    )
  }
  return passages
}

/** Whether a document's name is the one that a question gives: with or without its ending or folder, “ü” as one sign or two. */
export function sameDocument(asked, name) {
  const [whole, wanted] = [name, asked].map((one) => one.normalize("NFC"))
  const stem = whole.replace(/\.[^.]*$/, "")
  return [whole, stem, whole.split("/").at(-1), stem.split("/").at(-1)].includes(wanted)
}

/** For each question the places of the passages that hold an accepted answer; where it names its document, only of that. */
export function goldOf(questions, passages) {
  const texts = passages.map(({ shown }) => canonical(shown))
  return questions.map(({ answers, document }) => {
    const facts = answers.map(canonical)
    const places = new Set()
    for (const [place, { called }] of passages.entries()) {
      const isAsked = !document || called.some((name) => sameDocument(document, name))
      if (isAsked && standsIn(texts[place], facts)) places.add(place)
    }
    return places
  })
}
