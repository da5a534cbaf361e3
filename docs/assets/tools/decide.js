// Placeholder until the tool is written.
export function mount(place) {
  place.textContent = ""
}
