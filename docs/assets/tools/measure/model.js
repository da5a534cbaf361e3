// The embedding model in the tab: fetched when the reader agrees, then texts to vectors, batch by batch, with a way to stop.

import { AgreedRun, inTime } from "../embed/agreed_run.js"
import { EMBEDDING } from "../embed/models.js"

const BATCH = 8 // texts between two signs of life
const LONGEST_TEXT = 2000 // letters: the model reads 256 pieces of words
const WORKING = "Working out the result."
const FAILED = "The model does not run here. The rest of the page needs none."

const sayNeeds = (megabytes, isKept) =>
  isKept
    ? `This needs ${megabytes} MB more from this site; the embedding model is on your device. Your text stays here.`
    : `This needs the embedding model: ${megabytes} MB from this site, kept on your device, and about 400 MB of memory ` +
      "until you leave the page or remove the model. Your text stays here."

export class ModelRun extends AgreedRun {
  /**
   * @param {string} action  what the button says
   * @param {function(): string[]|Promise<string[]>} texts  what is to become vectors, when it is pressed
   * @param {function(Float32Array[]): Promise} onVectors  in the order of the texts
   * @param {function(): void} onStop  stops what is done with them
   * @param {function(): Promise<number>} moreBytes  how many bytes `texts` will fetch beside the model
   */
  constructor(action, texts, onVectors, onStop = () => {}, moreBytes = async () => 0) {
    super(action, EMBEDDING, sayNeeds, FAILED)
    Object.assign(this, { texts, onVectors, onStop, moreBytes })
  }

  async work(heed) {
    heed()
    const texts = (await this.texts()).map((text) => text.slice(0, LONGEST_TEXT))
    const vectors = []
    for (let at = 0; at < texts.length; at += BATCH) {
      heed()
      this.words.textContent = `Read ${at} of ${texts.length} texts.`
      this.bar.value = at / texts.length
      vectors.push(...(await inTime(this.model.vectorsOf(texts.slice(at, at + BATCH)))))
    }
    heed()
    this.words.textContent = WORKING
    await this.onVectors(vectors)
    if (this.words.textContent === WORKING) this.words.textContent = ""
  }

  stop() {
    super.stop()
    this.onStop()
  }
}
