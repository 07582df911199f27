// The presses of this tab, from the moment they happen until the server says that it has them.
//
// The browser draws a press's id and keeps the press in sessionStorage, so a lost connection, a restarted server or a
// reload cannot swallow it. The server takes the id as the root of its idempotency key, so sending it again is harmless.

const STORE = "feed-studio.presses"
const FIRST_RESEND_MS = 1500
const LONGEST_RESEND_MS = 5000
const LONGEST_RUN_MS = 15_000 // a run that takes longer has perhaps never begun
const LATE_MS = 3500 // after this a person hears that the press has not arrived
const GIVE_UP_MS = 10 * 60 * 1000 // an older press is not sent any more: nobody expects it now
const MOST_KEPT = 20

class Outbox {
  constructor() {
    this.presses = this.load()
    this.receivers = new Set()
    this.listeners = new Set()
    this.resendMs = FIRST_RESEND_MS
    window.addEventListener("online", () => this.deliver())
  }

  /**
   * Send this. What is on its way or being written already is the same press, and keeps its id; so is the second half of
   * a double click, which may come when the first one's caption is finished.
   */
  press(press, isSecondHalf = false) {
    const words = JSON.stringify([press.team, press.action, press.values])
    let kept = press.action === "show" ? undefined : this.presses.findLast((one) => one.words === words)
    if (kept && (!isOver(kept) || (isSecondHalf && kept === this.presses.at(-1)))) {
      kept.times += 1
      kept.person = press.person
    } else {
      kept = { id: newId(), words, ...press, at: Date.now(), times: 1 }
      this.presses.push(kept)
    }
    kept.state = "sending"
    kept.wasSent = false
    kept.sentAt = Date.now()
    this.presses = this.presses.slice(-MOST_KEPT)
    this.save()
    this.resendMs = FIRST_RESEND_MS
    this.deliver()
    return kept
  }

  /** The latest of those presses. */
  last(ofThose) {
    return this.presses.findLast(ofThose)
  }

  /** Whether these words are on their way or being written. */
  isUnderWay(team, action, values) {
    const words = JSON.stringify([team, action, values])
    const kept = this.presses.findLast((one) => one.words === words)
    return Boolean(kept) && ["sending", "received", "writing"].includes(kept.state)
  }

  /** Send what has not arrived: at once what is new, and again what has waited while the server was idle. */
  deliver() {
    clearTimeout(this.timer)
    const now = Date.now()
    for (const one of this.unsent()) if (now - one.sentAt > GIVE_UP_MS) one.state = "undelivered"
    const unsent = this.unsent()
    if (unsent.length) {
      const isNew = unsent.some((one) => !one.wasSent)
      // Another message would end the run that may be acting on the press just now.
      const isOverdue = now - (this.deliveredAt ?? now) > LONGEST_RUN_MS
      if (isConnected() && (isNew || isOverdue || !isServerBusy())) {
        this.send(unsent)
        this.deliveredAt = now
        this.resendMs = Math.min(this.resendMs * 1.6, LONGEST_RESEND_MS)
      }
      this.timer = setTimeout(() => this.deliver(), this.resendMs)
    }
    this.tell()
  }

  /** A new session has acted on nothing yet: send it at once what has not been acted on. */
  deliverAnew() {
    for (const one of this.unsent()) one.wasSent = false
    this.resendMs = FIRST_RESEND_MS
    this.deliver()
  }

  send(unsent) {
    const greeting = this.greeting ? [{ greeting: this.greeting }] : []
    for (const receiver of this.receivers) {
      const its = unsent.filter((one) => receiver.actions.includes(one.action))
      for (const one of its) one.wasSent = true
      const sent = ({ id, times, team, action, values, person }) => ({ id, times, team, action, values, person })
      const presses = its.map(sent)
      if (presses.length || greeting.length) receiver.send([...presses, ...greeting])
    }
  }

  /** The server is back: have the page drawn, with what is on its way where there is something; whether it can be. */
  greet() {
    this.greeting = newId()
    if (!this.unsent().length) this.send([])
    return this.receivers.size > 0
  }

  /** What the server says of presses, by id: received, writing, done or refused. */
  settle(states) {
    let changed = false
    for (const one of this.presses) {
      const { state, times } = states[one.id] ?? {}
      if (!state || state === one.state || (one.state === "sending" && times < one.times)) continue
      one.state = state
      changed = true
    }
    if (changed) {
      this.save()
      this.tell()
    }
    if (!this.unsent().length) clearTimeout(this.timer)
  }

  unsent() {
    return this.presses.filter((one) => one.state === "sending")
  }

  tell() {
    for (const listener of this.listeners) listener()
  }

  load() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(STORE))
      return Array.isArray(kept) ? kept.filter((one) => typeof one?.id === "string" && one.values) : []
    } catch {
      return [] // nothing there, not ours, or storage is not allowed
    }
  }

  save() {
    try {
      sessionStorage.setItem(STORE, JSON.stringify(this.presses))
    } catch {
      // full or switched off: the presses live as long as the page
    }
  }
}

function isOver(press) {
  if (press.state === "undelivered" || press.state === "refused") return false // the same words again: the same press
  if (press.state === "done") return true
  return press.state !== "sending" && Date.now() - press.sentAt > GIVE_UP_MS // its end was never seen here
}

/** A random UUID; `crypto.randomUUID` itself is missing where the page is not served securely. */
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID()
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6] & 0x0f) | 0x40
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")
}

/** Streamlit names the state of its connection and of the page's run on the app's element. */
function app() {
  return document.querySelector('[data-testid="stApp"]')?.dataset ?? {}
}

/** Streamlit drops what is sent while its connection is lost. */
function isConnected() {
  return (app().testConnectionState ?? "CONNECTED") === "CONNECTED"
}

function isServerBusy() {
  return app().testScriptState === "running"
}

const outbox = new Outbox()

new MutationObserver(() => outbox.deliver()).observe(document.body, {
  subtree: true,
  attributeFilter: ["data-test-connection-state"],
})
