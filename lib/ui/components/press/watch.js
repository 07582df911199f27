// Streamlit's own buttons and widgets send what somebody does once, and drop it where the connection is just being
// lost. A server that was started anew acts on none that it has not drawn itself. So the page is drawn as soon as the
// server is back, a click waits for that, and whoever used a widget while the connection was lost is told so.

const QUIET_MS = 2000 // without a run, after which what was used sends nothing: a tab, a menu
const LONGEST_WAIT_MS = 30_000 // of a click

class Watch {
  constructor() {
    this.usedAt = 0 // when one of them was used last; 0 once the server has answered
    this.wasBusy = isServerBusy()
    this.isLost = !isConnected()
    this.waiting = null // clicks since the server is back, until it has drawn the page
    this.element = node("div", { class: "press-unsure", role: "alert", hidden: "" })
    document.body.append(this.element)
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
      this.waiting.push(used)
      return
    }
    this.usedAt = Date.now()
    this.element.hidden = true
    if (this.isLost) this.tell(true)
  }

  look() {
    const { wasBusy, isLost } = this
    this.wasBusy = isServerBusy()
    this.isLost = !isConnected()
    if (this.isLost && !isLost) this.tell(wasBusy)
    else if (isLost && !this.isLost) this.greet()
    else if (wasBusy && !this.wasBusy) this.usedAt = 0
  }

  /** What was used last has perhaps not arrived. */
  tell(isBusy) {
    const isOpen = this.usedAt && (isBusy || Date.now() - this.usedAt < QUIET_MS)
    this.usedAt = 0
    const shown = isOpen && [...instances.values()].find((one) => one.element.isConnected)
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
    for (const button of clicks) if (button.isConnected) button.click()
  }
}

const watch = new Watch()
