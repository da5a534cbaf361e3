// The bills of the cost model; tests/unit/test_cost.py holds the rest of it to the program that defines it.

import assert from "node:assert/strict"
import { test } from "node:test"
import { bills, cumulative, perQuery, WAYS } from "../../../docs/assets/tools/cost/model.js"
import { costs } from "./data.mjs"

const { inputs } = costs
const example = Object.fromEntries(Object.entries(inputs).map(([name, about]) => [name, about.example]))
const near = (one, other) => assert.ok(Math.abs(one - other) <= 1e-9 * Math.abs(other), `${one} is not ${other}`)

test("a month's bill is what the month adds to all that was spent", () => {
  const c = { ...example, growth_percent_per_month: 5 }
  for (const way of WAYS) {
    const spent = cumulative(way, c)
    const { first, last, shared } = bills(way, c)
    near(first, spent[1] - spent[0])
    near(last, spent[c.months] - spent[c.months - 1])
    near(shared * c.queries_per_month, first)
  }
})

test("without queries no query has a share of the month", () => {
  const { shared, query } = bills("tuned", { ...example, queries_per_month: 0 })
  assert.equal(shared, Infinity)
  assert.ok(query > 0)
})

test("thinking is paid for as writing, a batch at its factor, and a machine by the hour", () => {
  const thinking = perQuery("prompting", { ...example, thinking_tokens: example.answer_tokens })
  near(thinking - perQuery("prompting", example), (example.answer_tokens * example.output_price) / 1e6)
  const halved = { ...example, batch_percent: 100, batch_price_factor: 0.5 }
  near(perQuery("prompting", halved), perQuery("prompting", example) / 2)
  const hourly = { ...example, tuned_hour_price: 2, tuned_hours_per_month: 100 }
  near(bills("tuned", hourly).first - bills("tuned", example).first, 200)
  assert.equal(bills("prompting", hourly).first, bills("prompting", example).first)
})
