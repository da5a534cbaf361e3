// The harm: an adapter on questions' vectors, trained for too long.

import { count, element } from "../shared.js"
import { fetchVectors } from "./files.js"
import { RunView } from "./run_view.js"
import { adapted, firstIsRight, similarities, trainAdapter } from "./training.js"
import { rate } from "./words.js"

const FAILED =
  "The vectors could not be fetched. What the chart shows is the recorded run. Try again when you are online."

/** What an adapter's run came to, in words. */
function adapterWords(heldOut, trained, [learned, unseen]) {
  const best = Math.max(...heldOut)
  const at = heldOut.indexOf(best)
  const end = heldOut.at(-1)
  return (
    `Of ${unseen} questions it never saw, ${heldOut[0]} had the right passage first before training, ${best} after ` +
    `${count(at, "step")} and ${end} after ${heldOut.length - 1}: ${rate(end, unseen)}. Of the ${learned} it trained on, ${trained.at(-1)}.`
  )
}

export class AdapterPart {
  constructor(data, recorded) {
    this.data = data.questions
    this.settings = recorded
    this.view = new RunView("Right passage first, by training step")
    this.button = element("button", { type: "button", class: "tool-button is-main", onclick: () => this.train() })
    this.button.textContent = "Train it in this tab (0.6 MB)"
    this.note = element("p", { class: "tool-message is-error", role: "status" })
    this.node = element(
      "section",
      { class: "tool-card", "aria-labelledby": "tune-adapter" },
      element("h2", { id: "tune-adapter" }, "An adapter, for too long"),
      this.view.node,
      element("div", { class: "tool-row is-controls" }, this.button),
      this.note,
    )
    this.showRecorded()
  }

  showRecorded() {
    const { steps, trained, heldOut } = this.settings
    const sizes = [this.data.learn.length, this.data.test.length]
    const shares = [trained.map((hits) => hits / sizes[0]), heldOut.map((hits) => hits / sizes[1])]
    const words = `Recorded. ${adapterWords(heldOut, trained, sizes)}`
    this.view.show({ steps, trained: shares[0], heldOut: shares[1] }, words)
  }

  async train() {
    this.button.disabled = true
    this.note.textContent = ""
    try {
      await this.run(await fetchVectors("questions.bin"))
      this.button.textContent = "Train it again"
    } catch (error) {
      console.warn(error) // what a developer wants to know
      this.note.textContent = FAILED
    }
    this.button.disabled = false
  }

  async run(vectors) {
    const { learn, test } = this.data
    const [mine, others] = [vectors.slice(0, learn.length), vectors.slice(learn.length, learn.length + test.length)]
    const passages = vectors.slice(learn.length + test.length)
    const [alike, away] = [similarities(mine, mine), similarities(others, mine)]
    const counts = { trained: [], heldOut: [] }
    const measure = (weights) => {
      counts.trained.push(firstIsRight(adapted(mine, alike, weights), passages, learn))
      counts.heldOut.push(firstIsRight(adapted(others, away, weights), passages, test))
      return [counts.trained.at(-1) / learn.length, counts.heldOut.at(-1) / test.length]
    }
    const run = await this.view.watch(trainAdapter(mine, passages, learn, this.settings), measure, this.settings)
    const words = adapterWords(counts.heldOut, counts.trained, [learn.length, test.length])
    if (run) this.view.show(run, `Trained in this tab. ${words}`)
  }
}
