// Buttons whose presses are not lost: each is given an id in the browser, with the team and the values on the screen.

const instances = new Map() // by key: Streamlit may mount the element anew, and what is typed must not go with it

export default function ({ data, parentElement, setTriggerValue }) {
  if (!data) return undefined
  if (!instances.has(data.key)) instances.set(data.key, new Press())
  const instance = instances.get(data.key)
  instance.mount(parentElement)
  instance.update(data, setTriggerValue)
  return () => instance.leave(parentElement)
}

class Press {
  constructor() {
    this.element = node("div", { class: "press" })
    this.buttons = node("div", { class: "buttons" })
    this.status = node("p", { class: "status", role: "status" })
    this.element.append(this.buttons, this.status)
    this.element.addEventListener("keydown", (event) => this.onKey(event))
    this.element.addEventListener("focusin", ({ target }) => (this.focused = target))
    this.element.addEventListener("focusout", () => {
      if (this.element.isConnected) this.focused = null
    })
    this.onOutbox = () => this.draw()
    this.onLoad = ({ detail }) => this.loadBrief(detail)
  }

  mount(parent) {
    if (this.element.parentNode === parent) return
    const focused = this.focused
    parent.append(this.element)
    if (focused && (document.activeElement === document.body || !document.activeElement)) focused.focus()
    outbox.listeners.add(this.onOutbox)
    window.addEventListener("feed-studio:load", this.onLoad)
  }

  leave(parent) {
    if (this.element.parentNode !== parent) return
    this.element.remove()
    outbox.receivers.delete(this.receiver)
    outbox.listeners.delete(this.onOutbox)
    window.removeEventListener("feed-studio:load", this.onLoad)
  }

  update(data, setTriggerValue) {
    const isNewSession = this.data?.session !== data.session
    this.data = data
    outbox.receivers.delete(this.receiver)
    this.receiver = { actions: data.receives, send: (presses) => setTriggerValue("pressed", presses) }
    if (data.receives.length) outbox.receivers.add(this.receiver)
    outbox.settle(data.states)
    if (data.form) {
      if (!this.fields) {
        this.fields = new Fields(() => this.draw())
        this.element.prepend(this.fields.element)
      }
      const tell = (name, value) => setTriggerValue("typed", { name, value })
      this.fields.update({ ...data.form, tell, shown: data.shown }, data.problems)
    }
    this.draw()
    if (isNewSession && data.receives.length && outbox.unsent().length) outbox.deliver()
  }

  values(button) {
    const values = button.values ?? {}
    return this.fields && button.action === this.data.form.action ? { ...values, ...this.fields.values() } : values
  }

  press(button) {
    if (button.disabled) return
    const { team } = this.data
    if (button.action === "load") window.dispatchEvent(new CustomEvent("feed-studio:load", { detail: button.values }))
    else if (button.action === "clear") {
      this.fields.clear(this.data.form.kept, button.text)
      this.fields.element.querySelector("textarea, input")?.focus()
      outbox.press({ team, action: "show", values: {} })
    } else if (button.action === "undo") {
      const { shown } = this.fields.undoable
      this.fields.undo()
      if (shown) outbox.press({ team, action: "show", values: shown })
    } else outbox.press({ team, action: button.action, values: this.values(button) })
  }

  loadBrief(values) {
    if (!this.fields) return
    this.fields.load(values, this.data.words.loaded)
    this.fields.element.querySelector("textarea, input")?.focus()
  }

  onKey(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !this.data.form) return
    event.preventDefault()
    const button = this.data.buttons.find(({ action }) => action === this.data.form.action)
    if (!event.isComposing) return this.press(button)
    event.target.blur() // the syllable that is being composed belongs to the text
    return setTimeout(() => this.press(button))
  }

  draw() {
    const buttons = this.data.buttons.filter(({ action }) => action !== "undo" || this.fields?.undoable)
    while (this.buttons.childElementCount > buttons.length) this.buttons.lastChild.remove()
    buttons.forEach((button, place) => this.drawButton(button, place))
    const status = this.statusText()
    if (this.status.textContent !== status) this.status.textContent = status
    this.status.hidden = !status
    this.status.dataset.state = outbox.last(this.data.receives)?.state ?? ""
  }

  drawButton(button, place) {
    let box = this.buttons.children[place]
    if (!box) {
      box = node("span")
      const made = node("button", { type: "button" })
      made.append(node("span", { class: "icon", "aria-hidden": "true" }), node("span", { class: "text" }))
      box.append(made)
      this.buttons.append(box)
    }
    const isBusy = outbox.isUnderWay(this.data.team, button.action, this.values(button))
    const element = box.firstChild
    const [icon, text] = element.children
    box.className = `st-key-${button.key}`
    element.className = button.kind ?? "secondary"
    element.title = button.help ?? ""
    element.disabled = Boolean(button.disabled)
    element.setAttribute("aria-disabled", String(isBusy))
    icon.textContent = button.icon ?? ""
    icon.hidden = !button.icon
    text.textContent = (isBusy && button.busy) || button.label
    element.onclick = () => this.press(button)
  }

  /** Where the last press is: on its way, late, or given up; what is being written says so below. */
  statusText() {
    const { words, receives } = this.data
    const last = outbox.last(receives)
    if (receives.length && last?.team === this.data.team && last.action !== "show") {
      const isLate = !isConnected() || Date.now() - last.sentAt > LATE_MS
      if (last.state === "sending") return isLate ? words.late : words.sending
      if (last.state === "undelivered") return words.undelivered
      if (last.state === "received" || last.state === "writing") return words.received
    }
    return this.fields?.undoable?.text ?? ""
  }
}

function node(name, attributes = {}) {
  const element = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value)
  return element
}
