// A head trained in slices, between which the page draws.

import { nextFrame } from "../shared.js"
import { fitBalanced, labelled } from "./learn.js"

const BUSY = 30 // milliseconds of work between two frames

/**
 * The label said of each held-out vector; null where `isOver` says that nobody waits for it any more.
 * @param {ArrayLike<number>[]} learn  vectors to train on, of which `labels` are the labels, from 0
 * @param {ArrayLike<number>[]} test
 */
export async function trained(learn, test, labels, classes, isOver) {
  const training = fitBalanced(learn, labels, classes)
  let since = performance.now()
  let step = training.next()
  while (!step.done) {
    if (performance.now() - since > BUSY) {
      await nextFrame()
      if (isOver()) return null
      since = performance.now()
    }
    step = training.next()
  }
  return labelled(test, step.value)
}
