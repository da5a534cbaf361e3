// What each rung puts before the model, and whether an answer holds what is accepted. Pure.

import { canonical, standsIn } from "../measure/scoring.js"

// In the order in which they are asked: the model is loaded anew where the adapter comes in or goes out.
export const ARMS = [
  { name: "Prompt only", prompt: "closed", isTuned: false },
  { name: "Retrieval", prompt: "reading", isTuned: false },
  { name: "Fine-tuned on the facts", prompt: "closed", isTuned: true },
  { name: "Fine-tuned, with retrieval", prompt: "reading", isTuned: true },
]

/** A prompt with its places filled; what is put in is never looked at again. */
export const filledIn = (prompt, question, passage) =>
  prompt.replace(/\{(question|passage)\}/g, (_, place) => (place === "question" ? question : passage))

/** The passage that the search found for a recorded question. */
export const passageOf = ({ of, passages }, wording, id) => passages[of[wording]?.[id]] ?? ""

/** What the score says of an answer; nothing where no document has one. */
export function verdictOf(accept, answer) {
  if (!accept.length) return null
  return standsIn(canonical(answer), accept.map(canonical))
    ? { verdict: "correct", words: "✓ holds the accepted answer" }
    : { verdict: "incorrect", words: "✗ does not hold the accepted answer" }
}
