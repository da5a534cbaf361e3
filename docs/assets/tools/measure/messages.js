// Labelled messages out of a reader's file: which to learn from, which to hold out, and what is odd about them.

import { count } from "../shared.js"
import { canonical, isTest } from "./scoring.js"
import { needColumn, readTable, textOf, Unusable } from "./tables.js"

const MOST_MESSAGES = 2000
const MOST_LABELS = 60
const FEW_ITEMS = 30
const SPLITS = ["train", "dev", "test"]

/** Rows as messages; what has no text or no label is counted and left out. */
function readRows(text, file) {
  const rows = readTable(text, file)
  needColumn(rows, file, "text", "message")
  needColumn(rows, file, "label", "class")
  const read = rows.map((row) => ({
    item: textOf(row.get("item")) || `m${row.number}`,
    text: textOf(row.get("text")),
    label: textOf(row.get("label")),
    split: textOf(row.get("split")).toLowerCase(),
  }))
  return read.filter((one) => one.text && one.label)
}

/** What a reader should know of their messages, a sentence each. */
function notesOn({ rows, all, twins, learn, test }) {
  const notes = []
  const left = rows - all.length
  if (left) notes.push(`${count(left, "row was", "rows were")} left out: no text, or no label.`)
  const unread = all.filter(({ split }) => split && !SPLITS.includes(split)).length
  if (unread)
    notes.push(`${count(unread, "split is", "splits are")} none of train, dev and test: split by hash instead.`)
  if (twins)
    notes.push(
      `${count(twins, "message repeats", "messages repeat")} a held-out one and ${twins === 1 ? "is" : "are"} not learned from.`,
    )
  const known = new Set(learn.map(({ label }) => label))
  const unknown = [...new Set(test.map(({ label }) => label))].filter((label) => !known.has(label))
  if (unknown.length)
    notes.push(`No message to learn from has the label ${unknown.slice(0, 5).join(", ")}: those count as incorrect.`)
  if (test.length < FEW_ITEMS) notes.push(`Only ${test.length} held out: expect to be told that they cannot tell.`)
  return notes
}

/**
 * The messages of a file, split as rung splits them: by the column `split` where it stands, else by a hash of the text, 60%
 * held out. What rung keeps to choose with (dev) is learned from here, since nothing is chosen.
 * @returns {{labels: string[], learn: Object[], test: Object[], notes: string[]}}  labels with the commonest to learn from
 * first; a message has `item`, `text`, `label` as a number
 */
export function messagesOf(text, file) {
  const rows = readTable(text, file).length
  const all = readRows(text, file)
  if (all.length > MOST_MESSAGES) {
    throw new Unusable(`${file} has ${all.length} messages. In a tab at most ${MOST_MESSAGES} are read: give a sample.`)
  }
  const held = (one) => (SPLITS.includes(one.split) ? one.split === "test" : isTest(one.text))
  const test = all.filter(held)
  const texts = new Set(test.map((one) => canonical(one.text)))
  const others = all.filter((one) => !held(one))
  const learn = others.filter((one) => !texts.has(canonical(one.text)))
  if (!test.length || !learn.length) {
    throw new Unusable(
      `${file} has ${learn.length} messages to learn from and ${test.length} to hold out: add some of each.`,
    )
  }
  const known = new Map()
  for (const { label } of learn) known.set(label, (known.get(label) ?? 0) + 1)
  const labels = [...known.keys()].sort((one, other) => known.get(other) - known.get(one) || (one < other ? -1 : 1))
  if (labels.length < 2)
    throw new Unusable(
      `${file}: every message to learn from has the label “${labels[0].slice(0, 60)}”. Give two labels at least.`,
    )
  if (labels.length > MOST_LABELS) {
    throw new Unusable(
      `${file} has ${labels.length} labels. A head in a tab tells at most ${MOST_LABELS} apart: join some.`,
    )
  }
  const numbered = (some) =>
    some.map(({ item, text: words, label }) => ({ item, text: words, name: label, label: labels.indexOf(label) }))
  const notes = notesOn({ rows, all, twins: others.length - learn.length, learn, test })
  return { labels, learn: numbered(learn), test: numbered(test), notes }
}
