// Two minutes run, stand still and go on, and each announcement comes once.

import assert from "node:assert/strict"
import { test } from "node:test"
import { Countdown, clock } from "../../../docs/assets/tools/practice/countdown.js"

function countdown() {
  let now = 1000
  const made = new Countdown(() => now)
  const pass = (seconds) => {
    now += seconds * 1000
  }
  return { made, pass }
}

test("it runs, pauses and goes on", () => {
  const { made, pass } = countdown()
  assert.equal(made.face, "2:00")
  pass(60)
  assert.deepEqual([made.face, made.isFresh, made.isRunning], ["2:00", true, false])
  made.start()
  pass(30)
  assert.equal(made.face, "1:30")
  made.pause()
  pass(60)
  assert.deepEqual([made.face, made.taken, made.isFresh], ["1:30", 30, false])
  made.start()
  pass(29.2)
  assert.deepEqual([made.face, made.taken], ["1:01", 59])
  made.reset()
  assert.deepEqual([made.face, made.isRunning, made.taken], ["2:00", false, 0])
})

test("when the time is over it counts on, with a plus", () => {
  const { made, pass } = countdown()
  made.start()
  pass(119.5)
  assert.deepEqual([made.face, made.secondsLeft], ["0:01", 1])
  pass(0.5)
  assert.deepEqual([made.face, made.secondsLeft], ["0:00", 0])
  pass(0.9)
  assert.equal(made.face, "0:00")
  pass(60.1)
  assert.deepEqual([made.face, made.secondsLeft, made.taken], ["+1:01", 0, 181])
})

test("each announcement comes once, the latest that applies", () => {
  const { made, pass } = countdown()
  made.start()
  const said = []
  for (let second = 0; second < 130; second++) {
    pass(1)
    said.push(made.announcement())
  }
  assert.deepEqual(said.filter(Boolean), [
    "One minute left.",
    "Fifteen seconds left.",
    "Two minutes are over. Finish your sentence.",
  ])
  made.reset()
  made.start()
  pass(300) // a device that slept
  assert.equal(made.announcement(), "Two minutes are over. Finish your sentence.")
  assert.equal(made.announcement(), undefined)
})

test("seconds are written as minutes", () => {
  assert.deepEqual([0, 5, 60, 125, 3600].map(clock), ["0:00", "0:05", "1:00", "2:05", "60:00"])
})
