// What the reader has chosen in the cost tool, and how the address keeps it.

import { WAYS } from "./model.js"
import { readFigure, written } from "./numbers.js"

/**
 * @typedef {Object} State
 * @property {string} scenario  a name among the data's scenarios
 * @property {Object<string, number>} figures  one for each input
 * @property {string[]} ways  those compared, in the order of WAYS
 * @property {?[string, string]} pair  which way is asked about, and against which; null for the usual two
 */

/** An anchor-like form of a scenario's name, for the address. */
const slug = (name) => name.toLowerCase().replace(/[^a-z]+/g, "-")

/** The figures of a scenario: its own, and the example's for the rest. */
export function figuresOf(data, scenario) {
  const own = data.scenarios[scenario]
  const figures = Object.entries(data.inputs).map(([name, about]) => [name, own[name] ?? about.example])
  return Object.fromEntries(figures)
}

/** The state in which a scenario starts. */
export function stateOf(data, scenario) {
  return { scenario, figures: figuresOf(data, scenario), ways: data.scenarios[scenario].ways, pair: null }
}

/**
 * The state that an address describes.
 * @param {Object} data  inputs.json
 * @param {URLSearchParams} address
 * @returns {{state: State, unusable: string[], unclear: Map<string, string>}}  `unusable`: what the address holds and
 * nobody can use, in words; `unclear`: by input, what is written there where it can be read as two numbers
 */
export function readState(data, address) {
  const scenarios = Object.keys(data.scenarios)
  const found = scenarios.find((name) => slug(name) === address.get("case"))
  const state = stateOf(data, found ?? scenarios[0])
  const unusable = address.has("case") && !found ? ["the scenario"] : []
  const unclear = new Map()
  for (const [name, about] of Object.entries(data.inputs)) {
    if (!address.has(name)) continue
    const { number, readings } = readFigure(address.get(name), name, about)
    if (readings) unclear.set(name, address.get(name))
    else if (number === undefined) unusable.push(`“${about.label}”`)
    else state.figures[name] = number
  }
  if (address.has("ways")) {
    const asked = address.get("ways").split(".")
    const ways = WAYS.filter((way) => asked.includes(way))
    if (ways.length && ways.length === asked.length) state.ways = ways
    else unusable.push("the ways to compare")
  }
  if (address.has("pair")) {
    const pair = address.get("pair").split(".")
    if (pair.length === 2 && pair[0] !== pair[1] && pair.every((way) => state.ways.includes(way))) state.pair = pair
    else unusable.push("the pair")
  }
  return { state, unusable, unclear }
}

/** What an address says of a state: no more than how it differs from its scenario. */
export function toAddress(data, state) {
  const parameters = new URLSearchParams()
  if (state.scenario !== Object.keys(data.scenarios)[0]) parameters.set("case", slug(state.scenario))
  const start = stateOf(data, state.scenario)
  for (const [name, number] of Object.entries(state.figures)) {
    if (number !== start.figures[name]) parameters.set(name, written(number))
  }
  if (state.ways.join() !== start.ways.join()) parameters.set("ways", state.ways.join("."))
  if (state.pair) parameters.set("pair", state.pair.join("."))
  return parameters
}

/** Which way is asked about, and against which: the pair that was chosen, else the dearer rung against the simpler. */
export function pairOf(state) {
  if (state.pair?.every((way) => state.ways.includes(way))) return state.pair
  const later = state.ways.includes("tuned") ? "tuned" : state.ways.at(-1)
  return later === state.ways[0] ? null : [later, state.ways[0]]
}
