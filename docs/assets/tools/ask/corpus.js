// What is searched: the guide, fetched when the reader asks, or the reader's files. With the index of its words, and its
// vectors once the reader wants a search by meaning.

import { fetchOrKept, isKept } from "../embed/kept_files.js"
import { sorted } from "../measure/files.js"
import { withoutCopies } from "../measure/questions.js"
import { Unusable } from "../measure/tables.js"
import { SITE, UserError, unbroken } from "../shared.js"
import { nameOf, passagesOfFiles, passagesOfGuide, readVectors } from "./passages.js"
import { byKeyword, byVectors, indexOf } from "./retrieve.js"

const STORE = "prompt-retrieve-tune-ask"
const VECTORS = new URL("vectors.bin", import.meta.url)
const VECTOR_BYTES = 1_000_000

/** A file of the site. Throws UserError where it cannot be had. */
async function fetched(url) {
  const response = await unbroken(fetchOrKept(url.href, STORE))
  if (!response.ok) throw new UserError(`The site does not have ${url.pathname} (it answered ${response.status}).`)
  return response
}

/** The vectors that the site has of the guide's passages, by name. */
async function guideVectors() {
  const [list, numbers] = await Promise.all([new URL("vectors.json", import.meta.url), VECTORS].map(fetched))
  return readVectors((await unbroken(list.json())).names, await unbroken(numbers.arrayBuffer()))
}

class Corpus {
  /**
   * @param {import("./passages.js").Passage[]} passages
   * @param {Object} index  of their words
   * @param {number} files  how many are the reader's, without copies; 0 for the guide
   */
  constructor(passages, index, files) {
    this.passages = passages
    this.index = index
    this.files = files
    this.vectors = passages.map(() => null)
  }

  get hasVectors() {
    return this.vectors.some(Boolean)
  }

  /** How many bytes `placesWithout` will fetch. */
  async bytesToFetch() {
    if (this.files || this.hasVectors) return 0
    return (await isKept(VECTORS.href)) ? 0 : VECTOR_BYTES
  }

  /** The places of passages that have no vector yet. Of the guide most come from the site. */
  async placesWithout() {
    if (!this.files && !this.hasVectors) {
      const known = await guideVectors()
      this.vectors = this.passages.map((passage) => known.get(nameOf(passage)) ?? null)
    }
    return [...this.vectors.keys()].filter((place) => !this.vectors[place])
  }

  /** What the searches find; by words alone where no vector of the question is given. */
  search(question, vector = null) {
    const keyword = byKeyword(this.index, question)
    return vector ? { keyword, ...byVectors(keyword, this.vectors, vector) } : { keyword }
  }
}

/** The guide, from the index that the site's search fetches. */
export async function guideCorpus() {
  const response = await fetched(new URL("search/search_index.json", SITE))
  const passages = await passagesOfGuide(await response.json())
  return new Corpus(passages, await indexOf(passages), 0)
}

/** A reader's files. Throws Unusable. */
export async function filesCorpus(files) {
  const { tables, documents } = sorted(files)
  if (tables.length) throw new Unusable(`${tables[0].name} is a table. Give documents, .md or .txt.`)
  const passages = passagesOfFiles(documents)
  return new Corpus(passages, await indexOf(passages), withoutCopies(documents).length)
}
