// The cost tool's address holds what differs from its scenario, and comes back as it was.

import assert from "node:assert/strict"
import { test } from "node:test"
import { figuresOf, pairOf, readState, stateOf, toAddress } from "../../../docs/assets/tools/cost/state.js"
import { costs as data } from "./data.mjs"

const scenarios = Object.keys(data.scenarios)
const read = (query) => readState(data, new URLSearchParams(query))

test("an empty address is the first scenario, and that scenario needs no address", () => {
  const { state, unusable, unclear } = read("")
  assert.deepEqual(state, stateOf(data, scenarios[0]))
  assert.deepEqual([unusable, unclear.size], [[], 0])
  assert.equal(toAddress(data, state).toString(), "")
})

test("every scenario, figure and pair comes back from its address", () => {
  for (const [index, scenario] of scenarios.entries()) {
    const state = stateOf(data, scenario)
    const [one, other] = ["retrieval", "combined"]
    state.ways = [one, other]
    state.pair = [one, other]
    state.figures.input_price = 1.234
    state.figures.queries_per_month = 60000 + index
    state.figures.growth_percent_per_month = -1.5
    const address = toAddress(data, state).toString()
    assert.deepEqual(
      readState(data, new URLSearchParams(address)),
      { state, unusable: [], unclear: new Map() },
      address,
    )
  }
})

test("a figure in the address that can be read in two ways is asked about, and the example's stands", () => {
  for (const text of ["60.000", "60,000", "1.234"]) {
    const { state, unusable, unclear } = read(`queries_per_month=${text}`)
    assert.equal(state.figures.queries_per_month, data.inputs.queries_per_month.example)
    assert.deepEqual([...unclear], [["queries_per_month", text]])
    assert.deepEqual(unusable, [])
  }
  assert.equal(read("queries_per_month=1.280.000").state.figures.queries_per_month, 1280000)
  assert.equal(read("queries_per_month=1,280,000").state.figures.queries_per_month, 1280000)
})

test("what nobody can use is named, and the rest is taken", () => {
  const cases = {
    "day_price=-1&months=12": "“A day of work”",
    "day_price=much&months=12": "“A day of work”",
    "case=nowhere&months=12": "the scenario",
    "ways=prompting.__proto__&months=12": "the ways to compare",
    "ways=&months=12": "the ways to compare",
    "pair=tuned.tuned&months=12": "the pair",
    "pair=__proto__.constructor&months=12": "the pair",
  }
  for (const [query, named] of Object.entries(cases)) {
    const { state, unusable } = read(query)
    assert.deepEqual(unusable, [named], query)
    assert.deepEqual(state.figures, { ...figuresOf(data, scenarios[0]), months: 12 }, query)
  }
})

test("the pair asked about is the one chosen, while both are compared", () => {
  const state = { ...stateOf(data, scenarios[0]), ways: ["prompting", "retrieval", "combined"], pair: null }
  assert.deepEqual(pairOf(state), ["combined", "prompting"])
  assert.deepEqual(pairOf({ ...state, ways: ["prompting", "tuned"] }), ["tuned", "prompting"])
  assert.deepEqual(pairOf({ ...state, pair: ["retrieval", "combined"] }), ["retrieval", "combined"])
  assert.deepEqual(pairOf({ ...state, pair: ["tuned", "prompting"] }), ["combined", "prompting"])
  assert.equal(pairOf({ ...state, ways: ["retrieval"] }), null)
})
