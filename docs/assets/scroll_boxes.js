// A table wider than the screen scrolls in its own box: let the keyboard reach that box. Code too, for which the theme
// does so only where there is a mouse. Their sizes are told by the browser when it knows them: to ask would make it lay out
// the whole page at once.

const boxes = new ResizeObserver((entries) => {
  for (const { target } of entries) reachBox(target)
})
// The theme takes `tabindex` from code again where there is no mouse.
const taken = new MutationObserver((changes) => {
  for (const { target } of changes) reachBox(target)
})
const boxed = new WeakSet()

function reachBox(box) {
  const scrolls = box.scrollWidth > box.clientWidth
  if (box.matches("code")) {
    if (scrolls && !box.hasAttribute("tabindex")) box.tabIndex = 0
  } else if (scrolls) {
    if (box.tabIndex !== 0) box.tabIndex = 0 // setting it again would wake the observer for ever
    box.setAttribute("role", "group")
    box.setAttribute("aria-label", "Table, scrolls sideways")
  } else {
    box.removeAttribute("tabindex")
  }
}

/** Lets the keyboard reach a box while what is in it is wider, also when that changes. */
export function watchBox(box) {
  if (boxed.has(box)) return
  boxes.observe(box)
  taken.observe(box, { attributeFilter: ["tabindex"] })
  boxed.add(box)
}
