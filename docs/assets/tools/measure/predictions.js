// Systems out of a reader's files of predictions: whether each was right on each item. Formats are those of `rung`.

import { readTable, textOf, truthOf, Unusable } from "./tables.js"

const MOST_SYSTEMS = 8
const LONGEST_NAME = 80
const RUNGS = ["no model", "prompting", "retrieval", "tuning"] // from the lowest to the highest, as rung has them
const YARDSTICK = "ceiling" // the right passage pasted in: no rung

/**
 * @typedef {Object} System
 * @property {string} name
 * @property {Map<string, boolean>} right  by item
 */

const shortened = (name) => (name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name)

/** A file's name without its ending. */
const stem = (name) => name.replace(/\.(jsonl?|ndjson|csv|tsv|txt)$/i, "")

/** Rows with a column `right`, one prediction each, by system: what a row calls its rung, arm or system. */
function longSystems(rows, file) {
  const arms = new Set(rows.map((row) => textOf(row.get("arm"))))
  const rungs = new Set(rows.map((row) => textOf(row.get("rung"))))
  const key = rungs.size === arms.size && rungs.size > 1 ? "rung" : arms.size > 1 ? "arm" : "system"
  const systems = new Map()
  for (const row of rows) {
    const called = textOf(row.get(key)) || stem(file)
    const item = textOf(row.get("item"))
    const right = truthOf(row.get("right"))
    if (!item) throw new Unusable(`${file}, ${row.place} has no item: give each prediction the id of what it answers.`)
    if (right === null) {
      const said = shortened(textOf(row.get("right")))
      throw new Unusable(`${file}, ${row.place}: “right” is yes or no (true or false, 1 or 0), not “${said}”.`)
    }
    if (!systems.has(called)) systems.set(called, new Map())
    const known = systems.get(called)
    if (known.has(item)) {
      const more = key === "system" ? "" : ` of “${shortened(called)}”`
      throw new Unusable(`${file} has ${shortened(item)}${more} more than once: give one prediction an item.`)
    }
    known.set(item, right)
  }
  return ordered([...systems].map(([name, right]) => ({ name, right })))
}

/** Rungs of the package in its order, without its yardstick; others as they come. */
function ordered(systems) {
  if (!systems.every(({ name }) => RUNGS.includes(name) || name === YARDSTICK)) return systems
  return RUNGS.flatMap((rung) => systems.filter(({ name }) => name === rung))
}

/** Whether a column says yes or no on every row. Throws Unusable where it does on most and not on one. */
function isJudged(rows, name, file) {
  const unclear = rows.filter((row) => truthOf(row.get(name)) === null)
  if (unclear.length === 0) return true
  if (unclear.length > rows.length / 2) return false // a question, an answer, a number: no system
  const [row] = unclear
  const said = shortened(textOf(row.get(name)))
  const where = `${file}, ${row.place}: “${shortened(name)}”`
  throw new Unusable(
    said ? `${where} is yes or no elsewhere, and “${said}” here.` : `${where} is empty: write yes or no.`,
  )
}

/** A table with an item and a column a system, each cell yes or no. */
function wideSystems(rows, file) {
  const columns = [...rows[0].keys()].filter((name) => name !== "item")
  const judged = columns.filter((name) => isJudged(rows, name, file))
  if (!judged.length) {
    throw new Unusable(
      `${file} needs a column “right”, or a column for each system, that says yes or no for each item.`,
    )
  }
  return judged.map((name) => {
    const right = new Map()
    for (const row of rows) {
      const item = textOf(row.get("item"))
      if (!item) throw new Unusable(`${file}, ${row.place} has no item: give each row the id of what was answered.`)
      if (right.has(item)) throw new Unusable(`${file} has ${shortened(item)} more than once: give each item one row.`)
      right.set(item, truthOf(row.get(name)))
    }
    return { name, right }
  })
}

/** The systems of one file. Throws Unusable. */
export function systemsOf(text, file) {
  const rows = readTable(text, file)
  if (!rows.some((row) => row.has("item"))) {
    throw new Unusable(`${file} needs a column “item” (or “id”) that names what each prediction answers.`)
  }
  return rows.some((row) => row.has("right")) ? longSystems(rows, file) : wideSystems(rows, file)
}

/** The systems, each under a name that no other has. */
export function named(systems) {
  const used = new Set()
  return systems.map((system) => {
    const called = shortened(system.name.replace(/\s+/g, " "))
    let name = called
    for (let times = 2; used.has(name); times++) name = `${called} (${times})`
    used.add(name)
    return { ...system, name }
  })
}

/**
 * The systems as rows of hits on the same items.
 * @param {System[]} systems
 * @returns {{items: string[], systems: {name: string, hits: boolean[]}[]}}
 */
export function aligned(systems) {
  if (systems.length > MOST_SYSTEMS) {
    throw new Unusable(`These are ${systems.length} systems. Compare at most ${MOST_SYSTEMS} at a time.`)
  }
  const items = [...systems[0].right.keys()]
  for (const { name, right } of systems) {
    const only = [
      ...items.filter((item) => !right.has(item)),
      ...[...right.keys()].filter((item) => !systems[0].right.has(item)),
    ]
    if (only.length) {
      const pair = `“${systems[0].name}” and “${name}” are not about the same items`
      throw new Unusable(`${pair}: only one of them has ${shortened(only[0])}. Give both the same items.`)
    }
  }
  return { items, systems: systems.map(({ name, right }) => ({ name, hits: items.map((item) => right.get(item)) })) }
}
