// The cost tool's sentences say what its sums say. tests/unit/test_cost.py holds the sums to the program.

import assert from "node:assert/strict"
import { test } from "node:test"
import { breakEvenQueries, cumulative, WAYS } from "../../../docs/assets/tools/cost/model.js"
import { say } from "../../../docs/assets/tools/cost/numbers.js"
import { figuresOf } from "../../../docs/assets/tools/cost/state.js"
import { aboutAddress, capital, comparison, headline, oriented, some } from "../../../docs/assets/tools/cost/words.js"
import { costs as data } from "./data.mjs"

const scenarios = Object.keys(data.scenarios)
const example = figuresOf(data, scenarios[0])
const pairs = WAYS.flatMap((way) => WAYS.filter((other) => other !== way).map((other) => [way, other]))
const cases = [...scenarios.map((name) => figuresOf(data, name))]
for (const [name, { lowest, highest }] of Object.entries(data.inputs)) {
  cases.push({ ...example, [name]: lowest }, { ...example, [name]: highest })
}

test("the headline names the cheapest way", () => {
  for (const c of cases) {
    const totals = WAYS.map((way) => cumulative(way, c).at(-1))
    const least = Math.min(...totals)
    const nouns = ["prompting", "retrieval", "a tuned model", "the combination"]
    const cheapest = nouns.filter((_, index) => totals[index] - least <= 1e-9 * least)
    const said = headline(WAYS, c).toLowerCase()
    assert.ok(said.startsWith(cheapest.join(" and ")), `${said} instead of ${cheapest}`)
    assert.equal(said.includes("cost the same"), cheapest.length > 1)
  }
})

test("the headline calls the least of the totals the cheapest, and says how much less than the next it is", () => {
  const nouns = { prompting: "prompting", retrieval: "retrieval", tuned: "a tuned model", combined: "the combination" }
  for (const c of cases) {
    const [first, second] = WAYS.map((way) => [cumulative(way, c).at(-1), way]).sort(([one], [two]) => one - two)
    if (second[0] - first[0] <= 1e-9 * first[0]) continue
    const [name, total] = [capital(nouns[first[1]]), say(first[0])]
    const span = `over ${c.months} ${c.months === 1 ? "month" : "months"}`
    const meant = `${name} is cheapest ${span}: ${total} credits, ${say(second[0] - first[0])} less than ${nouns[second[1]]}.`
    assert.equal(headline(WAYS, c), meant)
  }
})

test("one way has no other to be compared with, and one month is one", () => {
  assert.match(headline(["tuned"], { ...example, months: 1 }), /^A tuned model costs [\d,]+ credits over 1 month\.$/)
})

test("a comparison promises a volume only where there is one", () => {
  for (const c of cases) {
    for (const pair of pairs) {
      const said = comparison(pair, c)
      const needed = breakEvenQueries(...pair, c)
      assert.ok(!/NaN|Infinity|undefined|never catch/.test(said), said)
      assert.equal(/it pays from/.test(said), needed > 0 && needed < Infinity, said)
      if (/never would, at any volume/.test(said)) assert.equal(needed, Infinity)
    }
  }
})

test("the pair is turned to the order in which a volume decides", () => {
  for (const c of cases) {
    for (const pair of pairs) {
      const [turned, volume] = oriented(pair, c)
      assert.deepEqual([...turned].sort(), [...pair].sort())
      assert.equal(volume, breakEvenQueries(...turned, c))
      const both = [breakEvenQueries(...pair, c), breakEvenQueries(pair[1], pair[0], c)]
      if (both.some((one) => one > 0 && one < Infinity)) assert.ok(volume < Infinity, `${pair}: ${both}`)
    }
  }
})

test("a list of names stays short", () => {
  assert.equal(some(["one"]), "one")
  assert.equal(some(["one", "two", "three"]), "one, two, three")
  assert.equal(some(["one", "two", "three", "four", "five"]), "one, two, three and 2 more")
})

test("an address that was understood is not spoken of", () => {
  assert.equal(aboutAddress([], []), "")
  assert.match(aboutAddress(["the pair"], []), /cannot be used here \(the pair\); .* instead\.$/)
  assert.match(aboutAddress([], ["“Queries”"]), /read in two ways \(“Queries”\): choose one at the field\./)
})
