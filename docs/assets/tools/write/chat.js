// The form in which SmolLM2 was trained to read a question. Pure; a unit test compares it with the model's own template.

const SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"

/** A prompt as the model reads it, up to where its answer begins. */
export const inChat = (prompt) =>
  `<|im_start|>system\n${SYSTEM}<|im_end|>\n<|im_start|>user\n${prompt}<|im_end|>\n<|im_start|>assistant\n`
