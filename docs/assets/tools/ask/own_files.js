// The reader's own files, asked in place of the guide: where they are given. Fetched when the reader opens that part.

import { Files } from "../measure/files.js"
import { filesCorpus } from "./corpus.js"

const ABOUT = {
  id: "ask-files",
  label: "Your files",
  hint: "Markdown and plain text, .md or .txt. They are read in this tab and sent nowhere.",
  accept: ".md,.markdown,.txt",
  pasted: "pasted.md",
}

/** Where files are given; `onCorpus` gets them as what is searched. */
export const ownFiles = (onCorpus) => new Files(ABOUT, async (files) => onCorpus(await filesCorpus(files))).node
