// Opens the search: the button in the header, the keys `/`, `s` and `f`, an address with `?q=`. What searches, and the words
// of the guide, are fetched when it is opened and not before.

const KEYS = new Set(["/", "s", "f"])
const dialog = document.getElementById("search")
let loading = null // the module that searches, once it has been asked for

/** Has what is typed answered, and on `follow` goes to the best answer. */
async function answer({ follow = false } = {}) {
  loading ??= import("./ui.js")
  try {
    const search = await loading
    await search.start(dialog)
    if (follow) await search.follow()
  } catch {
    loading = null // the next letter tries again
    const status = dialog.querySelector("[role=status]")
    status.textContent = "The search could not be loaded. Check the connection, then type again."
  }
}

/** Shows the search, with a question if there is one. The reader can type at once, whatever is still on its way. */
export function open(question = "") {
  const input = dialog.querySelector("input")
  if (question) input.value = question.slice(0, input.maxLength) // the field itself cuts only what is typed or pasted
  if (!dialog.open) dialog.showModal()
  input.select()
  answer()
}

/** Whether a key goes into a field, and so is none of ours. A dialog just closed may have the focus for a moment. */
function isTyping(target) {
  const field = target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")
  return field !== null && !dialog.contains(field)
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
  if (!KEYS.has(event.key) || dialog.open || isTyping(event.target)) return
  event.preventDefault() // the key is not the first letter of the question
  open()
}

if (dialog?.showModal) {
  document.querySelector("[data-search]").addEventListener("click", () => open())
  dialog.querySelector(".search-close").addEventListener("click", () => dialog.close())
  dialog.addEventListener("input", () => loading ?? answer())
  dialog.addEventListener("submit", (event) => {
    event.preventDefault() // Enter would close the dialog
    answer({ follow: true })
  })
  addEventListener("keydown", onKey)
  const question = new URLSearchParams(location.search).get("q")
  if (question) open(question)
} else {
  document.querySelector("[data-search]")?.remove() // Safari before 15.4 has no <dialog>
}
