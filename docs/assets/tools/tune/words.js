// What the page on training says of hits, and what the address and a pasted list of messages say to it.

import { wilson } from "../wilson.js"

const percent = (share) => Math.round(100 * share)

/** Hits as a rate with its 95% interval: “102 of 140 = 73% (65–80)”. */
export function rate(hits, items) {
  const [low, high] = wilson(hits, items)
  return `${hits} of ${items} = ${percent(hits / items)}% (${percent(low)}–${percent(high)})`
}

/** The labels that an address gives the messages: a digit for each from 1 on, “-” for none; null where it says none. */
export function readLabels(written, messages, classes) {
  if (written === null) return null
  const labels = Array.from({ length: messages }, (_, at) => {
    const label = written.charCodeAt(at) - "1".charCodeAt(0)
    return label >= 0 && label < classes ? label : null
  })
  return labels.some((label) => label !== null) ? labels : null
}

/** The same for the address; "" where nothing is labelled. */
export function writeLabels(labels) {
  return labels.some((label) => label !== null)
    ? labels.map((label) => (label === null ? "-" : label + 1)).join("")
    : ""
}

const MOST_LINES = 300
const LONGEST_TEXT = 2000
const LEAST_OF_A_LABEL = 3

/**
 * Messages with labels, from lines of “label: message” or of a label, a tab and the message. Every third of a label is
 * held out.
 * @returns {{labels: string[], learn: [string, number][], test: [string, number][], problem: string}}  `problem` is a
 * sentence for the reader; "" where there is none
 */
export function readLines(written) {
  const none = (problem) => ({ labels: [], learn: [], test: [], problem })
  const lines = written.split(/\r?\n/).filter((line) => line.trim())
  if (!lines.length) return none("Paste some messages first, a line each: the label, a colon, the message.")
  if (lines.length > MOST_LINES) return none(`These are ${lines.length} lines. Paste at most ${MOST_LINES}.`)
  const groups = new Map()
  for (const [number, line] of lines.entries()) {
    const [, label, text] = /^\s*([^:\t]{1,60}?)\s*[:\t]\s*(.*\S)\s*$/s.exec(line.slice(0, LONGEST_TEXT)) ?? []
    if (!text) return none(`Line ${number + 1} has no label: write the label, a colon, then the message.`)
    groups.set(label, [...(groups.get(label) ?? []), text])
  }
  const few = [...groups].find(([, texts]) => texts.length < LEAST_OF_A_LABEL)
  if (groups.size < 2) return none("All messages have the same label. Two labels are the least that can be told apart.")
  if (few) return none(`“${few[0]}” has ${few[1].length} of the ${LEAST_OF_A_LABEL} messages that each label needs.`)
  const labels = [...groups.keys()]
  const all = labels.flatMap((label, at) =>
    groups.get(label).map((text, turn) => ({ text, at, isTest: turn % 3 === 2 })),
  )
  const some = (isTest) => all.filter((one) => one.isTest === isTest).map(({ text, at }) => [text, at])
  return { labels, learn: some(false), test: some(true), problem: "" }
}
