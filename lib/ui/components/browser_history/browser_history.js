// Keeps the browser's way back free of steps that no person took.
//
// Streamlit 1.67 opens a page under an address without team and language and completes it a moment later, and each is a
// step of its own. Back would lead to the incomplete address, which is completed again: a trap. So an incomplete address
// is replaced by the next one. And who goes back twice, while the first page is still being drawn, is not taken there.

let patched = false
let walking = false // from going back or forward until the person does something else
let parameters = {} // what every address says, as the server wrote it last

export default function ({ data, setTriggerValue }) {
  if (!data) return
  parameters = data.parameters
  if (!patched) {
    patched = true
    const push = window.history.pushState
    window.history.pushState = function (...step) {
      if (walking) return // a page that was left by going back is still being drawn
      const present = new URLSearchParams(window.location.search)
      const complete = Object.keys(parameters).every((name) => present.has(name))
      ;(complete ? push : window.history.replaceState).apply(window.history, step)
    }
    window.addEventListener("popstate", () => (walking = true))
    for (const kind of ["pointerdown", "keydown", "click"]) {
      window.addEventListener(kind, () => (walking = false), true)
    }
  }
  if (!data.watched) setTriggerValue("watched", true)
}
