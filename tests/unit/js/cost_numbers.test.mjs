// The numbers that people type into the cost tool are read as they were meant, or asked about: never another number.

import assert from "node:assert/strict"
import { test } from "node:test"
import { readFigure, readNumber, say, sayReading, written } from "../../../docs/assets/tools/cost/numbers.js"
import { costs } from "./data.mjs"

const READ = {
  0: ["0", "-0", "0.0", "0,00", "000"],
  5: ["5", "5.", "5,", "+5", " 5 ", "\t5\n", "\u200b5", "5\u200f", "\ufeff5", "005"],
  0.5: [".5", ",5", "0.5", "0,5", "5e-1"],
  0.005: ["0.005", "0,005", ".005", "5e-3"],
  60.5: ["60.5", "60,5", "60.50", "60,50"],
  "-2.5": ["-2.5", "-2,5", "\u22122,5"],
  1000.5: ["1000.5", "1000,5", "1,000.50", "1.000,50", "1 000,50", "1\u00a0000,50", "1\u202f000.5", "1'000.50"],
  1500: ["1.5e3", "1,5E3", "1.500e3"],
  1000000: ["1e6", "1E+6", "1000000", "1_000_000"],
  1280000: [
    "1280000",
    "1,280,000",
    "1.280.000",
    "1 280 000",
    "1\u00a0280\u00a0000",
    "1\u202f280\u202f000",
    "1\u2009280\u2009000",
    "1'280'000",
    "1’280’000",
    "1,280,000.0",
    "1.280.000,0",
  ],
  1234.567: ["1,234.567", "1.234,567", "1234.5670"],
  374292: ["374292", "374 292", "374'292"],
}

for (const [number, texts] of Object.entries(READ)) {
  test(`${number} is read from every way of writing it`, () => {
    for (const text of texts) assert.deepEqual(readNumber(text), { number: Number(number) }, JSON.stringify(text))
  })
}

const ASKED = {
  "60.000": [60, 60000],
  "60,000": [60, 60000],
  "1,234": [1.234, 1234],
  1.234: [1.234, 1234],
  "374,292": [374.292, 374292],
  "-1.500": [-1.5, -1500],
  "\u22121.500": [-1.5, -1500],
  "1234,567": [1234.567, 1234567],
  "1 280.000": [1280, 1280000],
  " 60.000 ": [60, 60000],
}

test("where the only mark stands before three digits, both readings are offered", () => {
  for (const [text, readings] of Object.entries(ASKED)) assert.deepEqual(readNumber(text), { readings }, text)
})

const REFUSED = {
  empty: ["", " ", "\u00a0\u202f", "\u200b"],
  groups: [
    "1 2",
    "12 34",
    "1.2.3",
    "1,2,3",
    "1,28,000",
    "1,000 000",
    "1 234 56",
    "1.2,3.4",
    "..5",
    "1,,000",
    ",000,000",
    "12.34,56",
  ],
  more: ["1.5k", "2M", "1 million", "$5", "5 €", "£1,000", "50%", "50 %", "1e", "1-", "≈5"],
  "no number": [
    "twelve",
    "NaN",
    "Infinity",
    "0x10",
    "1/3",
    "=1+1",
    "2026-02-30",
    "٣",
    "½",
    "9".repeat(400),
    "constructor",
  ],
}

for (const [problem, texts] of Object.entries(REFUSED)) {
  test(`what cannot be read is told apart: ${problem}`, () => {
    for (const text of texts) assert.deepEqual(readNumber(text), { problem }, JSON.stringify(text))
  })
}

test("what is wrong is one sentence that says what to do", () => {
  const about = costs.inputs.day_price
  const sentences = {
    "": "Write a number; 0 if there is none.",
    "1 2": "Group digits by threes or not at all, like 1,000,000 or 1000.5.",
    "1.5k": "Write the figures alone, without a letter or a unit, like 400.",
    twelve: "Write a number in figures, like 400.",
    "-1": "At least 0.",
    "1e309": "At most 1,000,000.",
    "1.000.001": "At most 1,000,000.",
  }
  for (const [text, problem] of Object.entries(sentences)) {
    assert.deepEqual(readFigure(text, "day_price", about), { problem }, text)
  }
  assert.deepEqual(readFigure("1,5", "months", costs.inputs.months), { problem: "Write a whole number." })
  assert.deepEqual(readFigure("60.000", "day_price", about), {
    readings: [60, 60000],
    problem: "“60.000” can be read in two ways. Which is meant?",
  })
})

test("the ends of each range are figures, and what lies beyond is not", () => {
  for (const [name, about] of Object.entries(costs.inputs)) {
    for (const end of [about.lowest, about.highest]) {
      assert.deepEqual(readFigure(written(end), name, about), { number: end, problem: "" }, `${name} ${end}`)
    }
    assert.match(readFigure(written(about.highest + 1), name, about).problem, /^At most [\d,]+\.$/)
    assert.match(readFigure(written(about.lowest - 1), name, about).problem, /^At least -?\d+\.$/)
  }
})

test("a number that the page writes is read back as that number", () => {
  const numbers = [0, 60, 1.234, 1234, -1.234, 0.001, 123.456, 1e-7, 1.234e-9, 1e21, 60000, 0.1 + 0.2, 1234.567]
  for (let seed = 1; seed < 3000; seed++) {
    const fraction = (seed * 0.618033988749895) % 1
    numbers.push(Number((fraction * 10 ** ((seed % 14) - 3)).toFixed(seed % 5)))
  }
  for (const number of numbers) assert.deepEqual(readNumber(written(number)), { number }, written(number))
})

test("a result that is typed in again is that result, or is asked about", () => {
  for (const number of [0.0123, 12.3, 99.9, 123, 1280000, 374292, 12784, 40000000, 0.00099, 0.00002, 9.9e-7, 1.5e16]) {
    const { number: read, readings } = readNumber(say(number))
    assert.ok(read === number || readings.includes(number), `${say(number)}: ${read} or ${readings}`)
  }
})

test("numbers are said short, and never as something that is not a number", () => {
  assert.deepEqual([0, 12.345, 1234.5, 1e6, 1e16, 1e-5, 1e-7, Infinity].map(say), [
    "0",
    "12.3",
    "1,235",
    "1,000,000",
    "1.0 × 10¹⁶",
    "0.00001",
    "1.0 × 10⁻⁷",
    "never",
  ])
})

test("a reading is named so that nobody takes it for the other", () => {
  assert.deepEqual([60, 60000, 1.234, 1234, -1.5].map(sayReading), [
    "60",
    "60000",
    "1.234 (between 1 and 2)",
    "1234",
    "-1.5 (between -2 and -1)",
  ])
})
