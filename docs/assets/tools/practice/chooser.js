// Choosing a prompt, by kind and level or by name.

import { element } from "../shared.js"

const named = (list, id) => list.find((one) => `${one.id}` === id)

/**
 * What an address says of kind and level; "" stands for every one.
 * @returns {{filter: {kind: string, level: string}, isUnderstood: boolean}}
 */
export function readFilter(all, address) {
  const kind = address.get("kind") ?? ""
  const level = address.get("level") ?? ""
  const filter = { kind: named(all.kinds, kind) ? kind : "", level: named(all.levels, level) ? level : "" }
  return { filter, isUnderstood: filter.kind === kind && filter.level === level }
}

/** The prompts of a kind and level. */
export const matching = (all, { kind, level }) =>
  all.prompts.filter((one) => (!kind || one.kind === kind) && (!level || `${one.level}` === level))

function makeSelect(label, onChoose) {
  const id = `practice-${label.toLowerCase()}`
  const select = element("select", { id, onchange: () => onChoose(select.value) })
  return { select, field: element("div", { class: "tool-field" }, element("label", { for: id }, label), select) }
}

const option = (value, words) => element("option", { value }, words)

export class Chooser {
  /**
   * @param {Object} all  index.json
   * @param {function(Object): void} onFilter  called with the kind or the level that was chosen
   * @param {function(string): void} onPrompt  called with the id of the prompt that was chosen
   */
  constructor(all, onFilter, onPrompt) {
    this.all = all
    const kind = makeSelect("Kind", (value) => onFilter({ kind: value }))
    const level = makeSelect("Level", (value) => onFilter({ level: value }))
    const prompt = makeSelect("Prompt", onPrompt)
    kind.select.append(option("", "Every kind"), ...all.kinds.map(({ id, name }) => option(id, name)))
    level.select.append(
      option("", "Every level"),
      ...all.levels.map(({ id, name, note }) => option(id, `${name}: ${note}`)),
    )
    Object.assign(this, { kind: kind.select, level: level.select, prompt: prompt.select })
    this.chosen = element("summary")
    const fields = element("div", { class: "practice-filters" }, kind.field, level.field, prompt.field)
    this.node = element("details", { "data-part": "choose" }, this.chosen, fields)
  }

  /** Shows what is chosen: a kind and a level, and a prompt that need not be of them. */
  show(filter, prompt) {
    const { kinds, levels, drill } = this.all
    this.kind.value = filter.kind
    this.level.value = filter.level
    const kind = filter.kind ? named(kinds, filter.kind).name : "every kind"
    const level = filter.level ? named(levels, filter.level).name : "every level"
    this.chosen.textContent = `Choose: ${kind}, ${level}`
    const found = matching(this.all, filter)
    const group = (label, prompts) => {
      return element(
        "optgroup",
        { label },
        prompts.map((one) => option(one.id, one.prompt)),
      )
    }
    const ofKind = ({ id }) => found.filter((one) => one.kind === id)
    const groups = kinds.filter((kind) => ofKind(kind).length).map((kind) => group(kind.name, ofKind(kind)))
    const others = found.includes(prompt) ? [drill] : [...new Set([drill, prompt])]
    this.prompt.replaceChildren(...groups, group("Also", others))
    this.prompt.value = prompt.id
  }
}
