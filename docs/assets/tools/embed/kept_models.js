// The models that are on this device, each with a button that takes it off: in every tool that fetches one.

import { button, element } from "../shared.js"
import { holdsModel, onModelKept, removeModel } from "./models.js"

/** One model: nothing is shown where it is not on the device. */
class KeptModel {
  constructor(model) {
    this.model = model
    this.button = button(`Remove the ${model.name} from this device`, () => this.remove(), { hidden: true })
    this.said = element("p", { class: "tool-hint", role: "status", tabindex: "-1" })
    this.node = element("div", {}, this.button, this.said)
    this.look()
  }

  async look() {
    const isKept = await holdsModel(this.model.store)
    this.button.hidden = !isKept
    if (isKept) this.said.textContent = ""
  }

  async remove() {
    await removeModel(this.model.store)
    await this.look()
    const { name } = this.model
    this.said.textContent = this.button.hidden
      ? `The ${name} is off this device. A tool that needs it asks before it fetches it again.`
      : `The browser did not remove the ${name}. Try again, or delete this site’s data in the browser’s settings.`
    if (this.button.hidden) this.said.focus()
  }
}

/**
 * The controls for some models, which follow what becomes of these.
 * @param {...{name: string, store: string}} models  as models.js has them
 */
export function keptModels(...models) {
  const kept = models.map((model) => new KeptModel(model))
  const node = element("div", { class: "tool-row is-controls screen-only" }, ...kept.map((one) => one.node))
  onModelKept(node, () => {
    for (const one of kept) one.look()
  })
  return node
}
