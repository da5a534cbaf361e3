// The prompt that a question and passages make, in the words of the program that answers from a folder (rung 2). Pure.

import { countWords } from "../measure/count_words.js"

const ONE = "Answer in one sentence, using only this text."
const SEVERAL = "Answer in a sentence or two, using only these texts. If none of them answers, say that you don't know."

/** The question behind the texts to answer it from. */
export function promptFor(question, texts) {
  if (texts.length === 1) return `${ONE}\n\n${texts[0]}\n\nQuestion: ${question}`
  const several = texts.map((text, at) => `[${at + 1}] ${text}`).join("\n\n")
  return `${SEVERAL}\n\n${several}\n\nQuestion: ${question}`
}

/** About how many tokens a text has for the language model, from what it took for a word or mark of the recorded run. */
export const estimateTokens = (text, tokensPerWord) => Math.round(countWords(text) * tokensPerWord)
