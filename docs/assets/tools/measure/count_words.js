// The length of a text as the tools count it, and rung where it has no embedder (cutting.py).

/** Words and punctuation marks of a text. */
export const countWords = (text) => text.match(/[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]/gu)?.length ?? 0
