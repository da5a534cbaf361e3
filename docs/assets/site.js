// Small repairs to the theme, made as it builds its parts. Everything on the site reads without this file.

// A table wider than the screen scrolls in its own box: let the keyboard reach that box.
function reachTables() {
  for (const box of document.querySelectorAll(".md-typeset__scrollwrap")) {
    if (box.scrollWidth > box.clientWidth) {
      box.tabIndex = 0
      box.setAttribute("role", "group")
      box.setAttribute("aria-label", "Table, scrolls sideways")
    } else {
      box.removeAttribute("tabindex")
    }
  }
}

// The theme makes each copy button a landmark of its own, and each code annotation a link without a name.
function nameParts() {
  for (const nav of document.querySelectorAll("nav.md-code__nav:not([role])")) nav.setAttribute("role", "presentation")
  for (const mark of document.querySelectorAll("a.md-annotation__index:not([aria-label])")) {
    mark.setAttribute("aria-label", `Note ${mark.firstElementChild.dataset.mdAnnotationId}`)
  }
}

function repair() {
  reachTables()
  nameParts()
}

new MutationObserver(repair).observe(document.body, { childList: true, subtree: true })
addEventListener("resize", reachTables)
repair()
