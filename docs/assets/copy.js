// A button on each block of code that copies what the reader wants of it.

const PROMPT = /^(?:\$|PS(?: [^>]*)?>) /
const SHOWN = 2000 // milliseconds that the button says that it has copied

/**
 * What is worth copying of a session in a terminal: the commands, without prompts and without what they printed. The last
 * line has no end, so that a terminal into which it is pasted waits for Enter. Without any prompt, all of it.
 * @param {string} text  as shown
 */
export function commandsOf(text) {
  const lines = text.replace(/\n+$/, "").split("\n")
  if (!lines.some((line) => PROMPT.test(line))) return lines.join("\n")
  const kept = []
  let goesOn = false // the command before ends in a backslash
  for (const line of lines) {
    if (!goesOn && !PROMPT.test(line)) continue
    kept.push(goesOn ? line : line.replace(PROMPT, ""))
    goesOn = /\\$/.test(line)
  }
  return kept.join("\n")
}

function textOf(code) {
  const text = code.textContent
  return code.closest(".language-console") ? commandsOf(text) : text
}

/** Where the browser lets no page write to the clipboard, the reader's own command copies what is selected. */
function select(code) {
  const range = document.createRange()
  range.selectNodeContents(code)
  getSelection().removeAllRanges()
  getSelection().addRange(range)
}

async function copy(button) {
  const code = button.parentElement.querySelector("code")
  try {
    await navigator.clipboard.writeText(textOf(code))
    say(button, "Copied")
  } catch {
    select(code)
    say(button, "Selected: copy it with Ctrl+C or Command+C")
  }
}

/** Tells it to the eye, by the button, and to the ear, by a region that is read out. */
function say(button, text) {
  let region = document.getElementById("copied")
  if (!region) {
    region = Object.assign(document.createElement("div"), { id: "copied", className: "visually-hidden" })
    region.setAttribute("role", "status")
    document.body.append(region)
  }
  region.textContent = text
  button.classList.add("is-done")
  setTimeout(() => {
    region.textContent = ""
    button.classList.remove("is-done")
  }, SHOWN)
}

function makeButton() {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "copy" })
  button.setAttribute("aria-label", "Copy")
  button.addEventListener("click", () => copy(button))
  return button
}

/**
 * Gives each block of code in a page its button. It stands after the code: put before it, the theme's rules for tabs, which
 * count the children before an element, would have all the code styled anew.
 */
export function addCopyButtons() {
  for (const code of document.querySelectorAll("article pre > code")) {
    if (!code.parentElement.querySelector(":scope > .copy")) code.after(makeButton())
  }
}
