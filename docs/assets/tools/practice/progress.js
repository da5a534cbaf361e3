// What the mock interview keeps: on the device the box of each point, in the tab the present attempts.

import { isBox } from "./boxes.js"

const STORE = "prompt-retrieve-tune.practice"
const UNREADABLE = `${STORE}.unreadable`
const ATTEMPT = `${STORE}.attempt.`

/** What the reader can say of a point. */
export const VERDICTS = { said: "I said it", left: "I left it out" }

/**
 * Reads progress, as it is stored or exported. Never throws.
 * @param {string} text
 * @param {Set<string>} keys  the points there are
 * @param {number} now
 * @returns {{points: Map<string, {box: number, at: number}>, broken: boolean}}  `broken`: some or all of it means nothing
 */
export function parseProgress(text, keys, now = Date.now()) {
  const points = new Map()
  let read
  try {
    read = JSON.parse(text)
  } catch {
    return { points, broken: true }
  }
  const isObject = typeof read?.points === "object" && read.points !== null && !Array.isArray(read.points)
  if (read?.version !== 1 || !isObject) return { points, broken: true }
  let broken = false
  for (const [key, value] of Object.entries(read.points)) {
    if (!isBox(value?.box) || !Number.isFinite(value.at) || value.at < 0) broken = true
    else if (keys.has(key)) points.set(key, { box: value.box, at: Math.min(value.at, now) }) // others: retired prompts
  }
  return { points, broken }
}

/** Progress as it is stored and exported. */
export const progressText = (points, more = {}, indent = 0) =>
  JSON.stringify({ version: 1, points: Object.fromEntries(points), ...more }, null, indent)

/** Joins imported points into others; where both know a point, the later try counts. */
export function join(points, imported) {
  for (const [key, kept] of imported) {
    if ((points.get(key)?.at ?? -1) <= kept.at) points.set(key, kept)
  }
}

/**
 * Reads an attempt, as it is stored in the tab. Never throws; what means nothing gives a fresh one.
 * @param {?string} text
 * @param {Object} prompt
 * @returns {{answer: string, shown: boolean, verdicts: Object<string, string>, before: ?Object<string, ?number>}}  what was
 * typed, whether the rubric was shown, what was said of each point, and in which box it lay before
 */
export function parseAttempt(text, prompt) {
  const fresh = { answer: "", shown: false, verdicts: {}, before: null }
  let read
  try {
    read = JSON.parse(text ?? "null")
  } catch {
    return fresh
  }
  if (typeof read?.answer !== "string") return fresh
  const attempt = { ...fresh, answer: read.answer, shown: read.shown === true, before: {} }
  for (const { id } of prompt.rubric) {
    if (Object.hasOwn(VERDICTS, read.verdicts?.[id])) attempt.verdicts[id] = read.verdicts[id]
    attempt.before[id] = isBox(read.before?.[id]) ? read.before[id] : null
  }
  return attempt
}

/** Storage that may be missing, full or forbidden: undefined then. */
function attemptTo(storage, task) {
  try {
    return task(globalThis[storage])
  } catch {
    return undefined
  }
}

/** The attempt at a prompt, kept in this tab so that a link to a page, a reload or Back does not lose it. */
export const readAttempt = (prompt) =>
  parseAttempt(
    attemptTo("sessionStorage", (store) => store.getItem(ATTEMPT + prompt.id)),
    prompt,
  )

export function keepAttempt(prompt, attempt) {
  attemptTo("sessionStorage", (store) => store.setItem(ATTEMPT + prompt.id, JSON.stringify(attempt)))
}

export function forgetAttempt(prompt) {
  attemptTo("sessionStorage", (store) => store.removeItem(ATTEMPT + prompt.id))
}

/** The box of each point, kept on the device where that is allowed. */
export class Progress {
  /** @param {Set<string>} keys  the points there are */
  constructor(keys) {
    this.keys = keys
    this.points = new Map()
    this.isKept = true // whether the device keeps it
    this.note = "" // what the reader should know of what was kept
    this.readBack()
  }

  /** Takes what is stored, which another tab may have written. */
  readBack() {
    const text = attemptTo("localStorage", (store) => store.getItem(STORE))
    if (text === undefined) this.isKept = false
    if (text === null) this.points = new Map()
    if (typeof text === "string") this.take(text)
  }

  take(text) {
    const { points, broken } = parseProgress(text, this.keys)
    this.points = points
    if (!broken) return
    attemptTo("localStorage", (store) => store.setItem(UNREADABLE, text))
    this.note = points.size
      ? "Part of the progress kept on this device could not be read and was left out. Its old text is in the export."
      : "The progress kept on this device could not be read, so this starts fresh. Its old text is in the export."
    this.save()
  }

  set(key, box) {
    this.points.set(key, { box, at: Date.now() })
    this.save()
  }

  /** Takes exported progress in; returns what parseProgress() makes of it. */
  import(text) {
    const { points, broken } = parseProgress(text, this.keys)
    join(this.points, points)
    if (points.size) this.save()
    return { points, broken }
  }

  /** All of it as a file, with the text of what could not be read. */
  export() {
    const unreadable = attemptTo("localStorage", (store) => store.getItem(UNREADABLE))
    return progressText(this.points, unreadable ? { unreadable } : {}, 1)
  }

  save() {
    const stored = attemptTo("localStorage", (store) => {
      store.setItem(STORE, progressText(this.points))
      return true
    })
    this.isKept = stored ?? false
  }

  /** Forgets everything, the attempts in this tab too. */
  erase() {
    this.points = new Map()
    this.note = ""
    attemptTo("localStorage", (store) => {
      store.removeItem(STORE)
      store.removeItem(UNREADABLE)
    })
    attemptTo("sessionStorage", (store) => {
      for (const key of Object.keys(store)) if (key.startsWith(ATTEMPT)) store.removeItem(key)
    })
  }
}

/** Calls back when another tab has changed the progress, until the tool's place has left the document. */
export function onProgressElsewhere(place, callback) {
  const listen = (event) => {
    if (!place.isConnected) removeEventListener("storage", listen)
    else if (event.key === STORE || event.key === null) callback()
  }
  addEventListener("storage", listen)
}
