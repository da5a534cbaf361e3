// Where a reader drops files, picks them, or pastes the text of one. They are read in the tab and go nowhere.

import { element } from "../shared.js"
import { decode, LARGEST, Unusable } from "./tables.js"

const MOST_FILES = 200
const TABLE = /\.(csv|tsv|jsonl|ndjson|json)$/i
const DOCUMENT = /\.(md|markdown|txt|rst|adoc|text)$/i

/** Which of some files are tables of questions, which documents; throws Unusable for any other kind. */
export function sorted(files) {
  const other = files.find(({ name }) => !TABLE.test(name) && !DOCUMENT.test(name))
  if (other) {
    throw new Unusable(
      `${other.name} is of a kind that is not read here. Documents are .md or .txt; the questions are .csv or .jsonl.`,
    )
  }
  return {
    tables: files.filter(({ name }) => TABLE.test(name)),
    documents: files.filter(({ name }) => !TABLE.test(name)),
  }
}

/** The text of a file that was picked or dropped. Throws Unusable. */
async function textOf(file) {
  if (file.size > LARGEST) throw new Unusable(`${file.name} is larger than ${LARGEST / 1e6} MB. Give a part of it.`)
  let bytes
  try {
    bytes = new Uint8Array(await file.arrayBuffer())
  } catch (error) {
    console.warn(error) // what a developer wants to know
    throw new Unusable(`${file.name} cannot be read. Is it a folder, or was it moved?`)
  }
  return decode(bytes, file.name)
}

/** Code that is fetched only once a reader needs it. Throws Unusable where it does not come. */
export async function fetched(coming) {
  try {
    return await coming
  } catch (error) {
    console.warn(error) // what a developer wants to know
    throw new Unusable("What reads your files could not be fetched. Check the connection, then give them again.")
  }
}

export class Files {
  /**
   * @param {{id: string, label: string, hint: string, accept: string, pasted: string}} about  `pasted`: what pasted text
   * is called
   * @param {function({name: string, text: string}[]): void} onFiles  may throw Unusable
   */
  constructor({ id, label, hint, accept, pasted }, onFiles) {
    this.onFiles = onFiles
    this.pasted = pasted
    this.message = element("p", { class: "tool-message is-error", role: "alert" })
    this.input = element("input", {
      type: "file",
      id,
      multiple: true,
      accept,
      "aria-describedby": `${id}-hint`,
      onchange: () => this.take([...this.input.files]),
    })
    this.box = element("textarea", { id: `${id}-text`, rows: "6", spellcheck: "false" })
    const paste = element(
      "button",
      { type: "button", class: "tool-button", onclick: () => this.paste() },
      "Use this text",
    )
    this.node = element(
      "div",
      { class: "measure-files" },
      element("label", { for: id }, label),
      element("p", { class: "tool-hint", id: `${id}-hint` }, hint),
      this.input,
      element(
        "details",
        {},
        element("summary", {}, "Paste text instead"),
        element("label", { for: `${id}-text` }, `The text of ${pasted}`),
        this.box,
        element("div", { class: "tool-row is-controls" }, paste),
      ),
      this.message,
    )
    this.takeDrops()
  }

  takeDrops() {
    const mark = (isOver) => (event) => {
      event.preventDefault()
      this.node.classList.toggle("is-over", isOver)
    }
    this.node.addEventListener("dragover", mark(true))
    this.node.addEventListener("dragleave", mark(false))
    this.node.addEventListener("drop", (event) => {
      mark(false)(event)
      this.take([...event.dataTransfer.files])
    })
  }

  async take(files) {
    if (!files.length) return
    await this.hand(async () => {
      if (files.length > MOST_FILES) throw new Unusable(`These are ${files.length} files. Give at most ${MOST_FILES}.`)
      return Promise.all(files.map(async (file) => ({ name: file.name, text: await textOf(file) })))
    })
    this.input.value = "" // the same file may be picked again
  }

  paste() {
    return this.hand(() => [{ name: this.pasted, text: decode(new TextEncoder().encode(this.box.value), this.pasted) }])
  }

  /** Hands files on; what the reader can fix is said in a sentence. */
  async hand(read) {
    this.message.textContent = ""
    try {
      await this.onFiles(await read())
    } catch (error) {
      if (!(error instanceof Unusable)) console.warn(error) // what a developer wants to know
      this.message.textContent =
        error instanceof Unusable ? error.message : "This could not be read. Try a smaller part of it."
    }
  }
}
