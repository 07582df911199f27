// Streamlit's own buttons and widgets send what somebody does once, and drop it where the connection is just being
// lost. A server that was started anew acts on none that it has not drawn itself. So the page is drawn as soon as the
// server is back, a click waits for that, and whoever used a widget while the connection was lost is told so.
//
// The browser drops a click, too: one whose two halves meet different elements, because the page was drawn between them.

const SENDING = ".stButton, .stFormSubmitButton, [data-sends]" // whose clicks always send something
const QUIET_MS = 2000 // without a run, after which what else was used sends nothing: a tab, a menu
const LONGEST_WAIT_MS = 30_000 // of a click
const PRESSED = "button, summary"
const SAME_PLACE_PX = 10 // between the two halves of a click

class Watch {
  constructor() {
    this.usedAt = 0 // when one of them was used last; 0 once the server has answered
    this.patienceMs = QUIET_MS // in which the server answers that, if it is sent
    this.wasBusy = isServerBusy()
    this.beganAt = 0 // when the last run did
    this.isLost = !isConnected()
    this.waiting = null // clicks since the server is back, until it has drawn the page
    this.element = node("div", { class: "press-unsure", role: "alert", hidden: "" })
    document.body.append(this.element)
    document.addEventListener("pointerdown", complete, true)
    for (const kind of ["click", "change"]) document.addEventListener(kind, (event) => this.note(event), true)
    new MutationObserver(() => this.look()).observe(document.body, {
      subtree: true,
      attributeFilter: ["data-test-connection-state", "data-test-script-state"],
    })
  }

  note(event) {
    const used = event.composedPath()[0].closest?.("button, input, label, textarea, select, summary, [role=option]")
    if (!used || used.closest(".press")) return
    for (const { fields } of instances.values()) fields?.tellNow() // Streamlit's own buttons send what it has heard
    if (this.waiting && used.matches("button")) {
      event.stopImmediatePropagation()
      this.waiting.push([used, nameOf(used)])
      return
    }
    this.usedAt = Date.now()
    const isSent = event.composedPath().some((one) => one.matches?.(SENDING))
    this.patienceMs = isSent ? LONGEST_WAIT_MS : QUIET_MS
    this.element.hidden = true
    if (this.isLost) this.tell(true)
  }

  look() {
    const { wasBusy, isLost } = this
    this.wasBusy = isServerBusy()
    this.isLost = !isConnected()
    if (!wasBusy && this.wasBusy) this.beganAt = Date.now()
    if (this.isLost && !isLost) this.tell(wasBusy)
    else if (isLost && !this.isLost) this.greet()
    else if (wasBusy && !this.wasBusy && this.beganAt >= this.usedAt) this.usedAt = 0
  }

  /** The connection is lost: what was used last has perhaps not arrived. */
  tell(isBusy) {
    const isOpen = this.usedAt && (isBusy || Date.now() - this.usedAt < this.patienceMs)
    this.usedAt = 0
    if (isOpen) this.warn()
  }

  warn() {
    const shown = [...instances.values()].find((one) => one.element.isConnected)
    if (!shown) return
    this.element.textContent = shown.data.words.unsure
    this.element.hidden = false
  }

  greet() {
    if (!outbox.greet()) return
    this.waiting ??= []
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.answered(), LONGEST_WAIT_MS)
  }

  answered() {
    clearTimeout(this.timer)
    const clicks = this.waiting ?? []
    this.waiting = null
    const lost = clicks.filter(([pressed, name]) => !clickOn(pressed, name)) // the new page has no such button
    if (lost.length) this.warn()
  }
}

/** Released where it was pressed, a button is pressed, also if the page below it has moved on meanwhile. */
function complete(down) {
  const pressed = down.composedPath()[0].closest?.(PRESSED)
  if (!pressed || down.button !== 0 || down.pointerType !== "mouse") return
  const name = nameOf(pressed)
  let isClicked = false
  const click = (event) => (isClicked ||= Boolean(event.composedPath()[0].closest?.(PRESSED)))
  const release = (up) => {
    window.removeEventListener("pointercancel", release, true)
    window.removeEventListener("pointerup", release, true)
    setTimeout(() => {
      window.removeEventListener("click", click, true)
      const isSamePlace = Math.hypot(up.clientX - down.clientX, up.clientY - down.clientY) < SAME_PLACE_PX
      if (isClicked || up.type === "pointercancel" || !isSamePlace) return
      clickOn(pressed, name)
    })
  }
  window.addEventListener("click", click, true)
  window.addEventListener("pointercancel", release, true)
  window.addEventListener("pointerup", release, true)
}

/** Click on what had this name when it was pressed, also if it was drawn anew; whether it is on the page. */
function clickOn(pressed, name) {
  const isStill = pressed.isConnected && nameOf(pressed) === name
  const target = isStill ? pressed : name && document.querySelector(`.${CSS.escape(name)} :is(${PRESSED})`)
  target?.click()
  return Boolean(target)
}

/** The class of the box that has this one alone, by which it is found when it is drawn anew: it names its row. */
function nameOf(pressed) {
  const box = pressed.closest('[class*="st-key-"]')
  if (!box || box.querySelectorAll(PRESSED).length > 1) return undefined
  return [...box.classList].find((name) => name.startsWith("st-key-"))
}

const watch = new Watch()
