// Ties what is wrong with a field to the field: for screen readers, for the keyboard, and until it is mended.

const LOOKS_MS = [0, 100, 400, 1500] // after each run, until Streamlit has drawn the messages

const watchers = new WeakMap()

export default function ({ data, parentElement }) {
  if (!data) return undefined
  if (!watchers.has(parentElement)) watchers.set(parentElement, new Watcher(parentElement))
  const watcher = watchers.get(parentElement)
  watcher.update(data)
  return () => watcher.leave()
}

class Watcher {
  constructor(root) {
    this.box = (root.host ?? root).closest('[data-testid="stElementContainer"]')
    this.timers = []
    this.mended = new Set()
    this.onInput = (event) => this.typed(event.target)
  }

  update(data) {
    if (this.box) this.box.style.display = "none"
    const pressed = this.data?.press !== data.press
    for (const name of Object.keys(this.data?.fields ?? {})) if (!(name in data.fields)) this.release(name)
    this.data = data
    if (pressed) {
      this.mended.clear()
      this.toFocus = true
    }
    document.addEventListener("input", this.onInput, true)
    this.timers.forEach(clearTimeout)
    this.timers = LOOKS_MS.map((ms) => setTimeout(() => this.look(), ms))
  }

  look() {
    const broken = Object.keys(this.data.fields).filter((name) => field(name) && message(name))
    for (const name of broken) {
      const mended = this.mended.has(name)
      message(name).style.display = mended ? "none" : ""
      if (mended) this.release(name)
      else this.tie(name)
    }
    if (!this.toFocus || !broken.length) return
    this.toFocus = false
    broken.map(field).sort(byPlace)[0].focus()
  }

  tie(name) {
    message(name).id = `problem-${name}`
    field(name).setAttribute("aria-invalid", "true")
    field(name).setAttribute("aria-describedby", `problem-${name}`)
  }

  release(name) {
    field(name)?.removeAttribute("aria-invalid")
    field(name)?.removeAttribute("aria-describedby")
  }

  typed(element) {
    const name = Object.keys(this.data.fields).find((one) => field(one) === element)
    if (!name) return
    const { required, most } = this.data.fields[name]
    const text = element.value.trim()
    const good = (text || !required) && (!most || [...text].length <= most)
    if (good) this.mended.add(name)
    else this.mended.delete(name)
    this.look()
  }

  leave() {
    this.timers.forEach(clearTimeout)
    document.removeEventListener("input", this.onInput, true)
    Object.keys(this.data.fields).forEach((name) => this.release(name))
  }
}

const byPlace = (one, other) => (one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1)

/** Streamlit gives the container of a keyed widget the class `st-key-<key>`. */
function field(name) {
  return document.querySelector(`.st-key-${CSS.escape(name)} :is(textarea, input)`)
}

function message(name) {
  return document.querySelector(`.st-key-problem_${CSS.escape(name)}`)
}
