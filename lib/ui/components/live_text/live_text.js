// Tells Python what a text field shows while somebody is still typing in it: Streamlit itself waits until they leave it.

const IDLE_MS = 350

const listeners = new WeakMap()

export default function ({ data, parentElement, setStateValue }) {
  if (!data) return undefined
  if (!listeners.has(parentElement)) listeners.set(parentElement, new Listener(parentElement))
  const listener = listeners.get(parentElement)
  listener.data = data
  listener.tell = (text) => setStateValue("typed", { text, committed: listener.data.committed })
  return () => listener.leave()
}

class Listener {
  constructor(root) {
    const box = (root.host ?? root).closest('[data-testid="stElementContainer"]')
    if (box) box.style.display = "none"
    this.onInput = ({ target }) => {
      if (!target.closest?.(`.st-key-${CSS.escape(this.data.field)}`)) return
      clearTimeout(this.timer)
      this.timer = setTimeout(() => this.tell(target.value), IDLE_MS)
    }
    document.addEventListener("input", this.onInput, true)
  }

  leave() {
    clearTimeout(this.timer)
    document.removeEventListener("input", this.onInput, true)
  }
}
