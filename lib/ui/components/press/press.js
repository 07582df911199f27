// Buttons whose presses are not lost: each is given an id in the browser, with the team and the values on the screen.

const instances = new Map() // by key: Streamlit may mount the element anew, and what is typed must not go with it

/** Runs in the one element that carries this code; `element.js` of all others calls `draw`. */
export default function ({ parentElement }) {
  parentElement.closest('[data-testid="stElementContainer"]').style.display = "none"
}

function draw(drawn) {
  const { data } = drawn
  if (!data) return undefined
  if (!instances.has(data.key)) instances.set(data.key, new Press())
  const instance = instances.get(data.key)
  instance.enter(drawn)
  return () => instance.leave(drawn)
}

class Press {
  constructor() {
    this.drawn = new Map() // by parent, its last drawing
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
  }

  /** Streamlit draws late, after the place may have left the page, and draws an outdated place beside the newer one. */
  enter(drawn) {
    if (!drawn.parentElement.isConnected) return
    this.drawn.set(drawn.parentElement, drawn)
    this.mount(drawn.parentElement)
    this.update(drawn.data, drawn.setTriggerValue, drawn.setStateValue)
  }

  mount(parent) {
    if (this.element.parentNode === parent) return
    const focused = this.focused
    parent.append(this.element)
    if (focused && (document.activeElement === document.body || !document.activeElement)) focused.focus()
    outbox.listeners.add(this.onOutbox)
  }

  /** Nothing is taken away from a place that stays: a click on what is taken out between its two halves is lost. */
  leave({ parentElement }) {
    if (parentElement.isConnected) return
    this.drawn.delete(parentElement)
    if (this.element.isConnected) return
    const other = [...this.drawn.values()].findLast((one) => one.parentElement.isConnected)
    if (other) return this.enter(other)
    outbox.receivers.delete(this.receiver)
    outbox.listeners.delete(this.onOutbox)
  }

  update(data, setTriggerValue, setStateValue) {
    const isNewSession = this.data?.session !== data.session
    this.data = data
    outbox.receivers.delete(this.receiver)
    this.receiver = { actions: data.receives, send: (presses) => setTriggerValue("pressed", presses) }
    if (data.receives.length) outbox.receivers.add(this.receiver)
    outbox.settle(data.states)
    if (data.form) {
      if (!this.fields) {
        this.fields = new Fields(() => outbox.tell())
        this.element.prepend(this.fields.element)
      }
      const hear = (typed) => setStateValue("typed", typed)
      this.fields.update({ ...data.form, key: data.key, shown: data.shown, hear }, data.problems)
    }
    this.draw()
    if (isNewSession && data.receives.length) outbox.deliverAnew()
    if (data.greeting && data.greeting === outbox.greeting) {
      outbox.greeting = null
      watch.answered()
    }
  }

  /** The fields that a button sends, fills or brings back: its own element's, or those of another. */
  fieldsOf(button) {
    return (button.form ? instances.get(button.form) : this)?.fields
  }

  /** Whether a button sends what fields show. */
  sends(button) {
    return Boolean(button.form) || button.action === this.data.form?.action
  }

  values(button) {
    const fields = this.sends(button) ? this.fieldsOf(button) : null
    return { ...fields?.pressed(), ...button.values }
  }

  isDisabled(button) {
    if (!this.sends(button)) return Boolean(button.disabled)
    const fields = this.fieldsOf(button)
    return Boolean(button.disabled || !fields || (button.needs_change && !fields.isTouched()))
  }

  press(button, isSecondHalf = false) {
    if (this.isDisabled(button)) return
    const { team, key } = this.data
    const fields = this.fieldsOf(button)
    const person = signature()
    if (button.action === "load") {
      fields.load(button.values, button.text)
      fields.focus()
    } else if (button.action === "add") {
      fields.add(button.values)
    } else if (button.action === "clear") {
      fields.clear(fields.data.kept, button.text)
      fields.focus()
      outbox.press({ team, from: key, action: "show", values: {}, person })
    } else if (button.action === "undo") {
      const { shown } = fields.undoable
      fields.undo()
      if (shown) outbox.press({ team, from: key, action: "show", values: shown, person })
    } else outbox.press({ team, from: key, action: button.action, values: this.values(button), person }, isSecondHalf)
  }

  onKey(event) {
    if (event.key !== "Enter") return
    const isHeld = event.repeat // the key: one press
    if (isHeld && event.target.closest("button")) event.preventDefault()
    if (!(event.ctrlKey || event.metaKey) || !this.data.form) return
    event.preventDefault()
    if (isHeld) return
    const press = () => {
      for (const one of instances.values()) {
        const isIts = (button) => one.fieldsOf(button) === this.fields && button.action === this.data.form.action
        const button = one.element.isConnected && one.data.buttons.find(isIts)
        if (button) return one.press(button)
      }
    }
    if (!event.isComposing) return press()
    event.target.blur() // the syllable that is being composed belongs to the text
    return setTimeout(press)
  }

  draw() {
    const buttons = this.data.buttons.filter((button) => button.action !== "undo" || this.fieldsOf(button)?.undoable)
    while (this.buttons.childElementCount > buttons.length) this.buttons.lastChild.remove()
    buttons.forEach((button, place) => this.drawButton(button, place))
    const status = this.statusText()
    if (this.status.textContent !== status) this.status.textContent = status
    this.status.hidden = !status
    this.status.dataset.state = outbox.last((press) => this.answersFor(press))?.state ?? ""
  }

  /** Whether this element says what came of a press: the buttons of a form do, and for all others who takes them. */
  answersFor({ action, from }) {
    const isOfForm = (one) => one?.element.isConnected && one.data.buttons.some((button) => one.sends(button))
    return isOfForm(instances.get(from)) ? from === this.data.key : this.data.receives.includes(action)
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
    element.disabled = this.isDisabled(button)
    element.setAttribute("aria-disabled", String(isBusy))
    icon.textContent = button.icon ?? ""
    icon.hidden = !button.icon
    text.textContent = (isBusy && button.busy) || button.label
    element.onclick = ({ detail }) => this.press(button, detail > 1)
  }

  /** Where the last press is: on its way, late, or given up; what is being written says so below. */
  statusText() {
    const { words, team } = this.data
    const last = outbox.last((press) => this.answersFor(press))
    if (last?.team === team && last.action !== "show") {
      const isLate = !isConnected() || Date.now() - last.sentAt > LATE_MS
      if (last.state === "sending") return isLate ? words.late : words.sending
      if (last.state === "undelivered") return words.undelivered
      if (last.state === "received" || last.state === "writing") return words.received
    }
    return this.fields?.undoable?.text ?? ""
  }
}

/** The name that the screen shows, with which each press is signed. */
function signature() {
  for (const { fields } of instances.values()) if (fields?.data.signs) return fields.read(fields.data.signs)
  return undefined
}

function node(name, attributes = {}) {
  const element = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value)
  return element
}

const code = (globalThis.feedStudioPress ??= { waiting: [] })
code.draw = draw
for (const drawn of code.waiting.splice(0)) drawn()
