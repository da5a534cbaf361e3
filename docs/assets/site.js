// Small repairs to the theme. Everything on the site reads without this file.
document$.subscribe(() => {
  // A table wider than the screen scrolls in its own box; let the keyboard reach that box.
  for (const box of document.querySelectorAll(".md-typeset__scrollwrap")) {
    if (box.scrollWidth > box.clientWidth) {
      box.tabIndex = 0
      box.setAttribute("role", "group")
      box.setAttribute("aria-label", "Table, scrolls sideways")
    }
  }
})
