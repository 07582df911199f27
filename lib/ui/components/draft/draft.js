// Keeps what the form's fields show, at every keystroke, and tells Python when it knows more than Python does.
//
// The rule: the page is the truth. What is typed is kept at once. What Python puts into a field is kept when the
// field really shows it, so an older value on its way back from the server never replaces newer typing.

const LOOKS_MS = [0, 100, 400, 1500] // after each run, until Streamlit has drawn what Python set
const ASKED_AGAIN_MS = 2000 // Streamlit may drop a message that meets a run; this often it is sent once more
const MOST_ASKED = 3

/** Where the browser allows no storage, drafts at least live as long as the page. */
const memory = new Map()

const keepers = new WeakMap()

export default function ({ data, parentElement, setTriggerValue }) {
  if (!data) return undefined
  if (!keepers.has(parentElement)) keepers.set(parentElement, new Keeper(parentElement))
  const keeper = keepers.get(parentElement)
  keeper.restore = (values) => setTriggerValue("restored", { start: data.start, values })
  keeper.update(data)
  return () => keeper.leave()
}

class Keeper {
  constructor(root) {
    this.box = (root.host ?? root).closest('[data-testid="stElementContainer"]')
    this.awaited = {} // what Python was asked to put back and has not shown yet
    this.timers = []
    this.onInput = (event) => this.take(event.target)
    this.onLook = () => this.look()
    document.addEventListener("input", this.onInput, true)
    window.addEventListener("pagehide", this.onLook)
  }

  update(data) {
    if (this.box) this.box.style.display = "none" // there is nothing to see, so no gap in the page either
    const before = this.data?.storage === data.storage ? this.data : undefined
    this.data = data
    if (!before) this.draft = load(data.storage)
    if (this.draft?.start !== data.start) this.begin(before)
    else if (before) this.afterRun(before)
    else this.await(data.unknown)
    this.save()
    this.timers.forEach(clearTimeout)
    this.timers = LOOKS_MS.map((ms) => setTimeout(this.onLook, ms))
    this.timers.push(setTimeout(() => this.ask(), ASKED_AGAIN_MS))
  }

  /** Python put values of its own into the unknown fields; of the others it is sure, unless they are on the page. */
  begin(before) {
    const { values, unknown, start, forgotten } = this.data
    const known = this.draft
    this.draft = { start, values: { ...known?.values } }
    for (const [field, value] of Object.entries(values)) {
      const ours = known && (unknown.includes(field) || before) && !forgotten
      if (!ours) this.set(field, plain(value))
    }
    this.await(unknown)
  }

  afterRun(before) {
    for (const [field, value] of Object.entries(this.data.values)) {
      if (this.awaited[field] === plain(value)) delete this.awaited[field]
      else if (field in this.awaited) continue
      else if (before.values[field] !== value && !element(field)) this.set(field, plain(value))
    }
  }

  /** Ask Python for the draft of those fields in which it has something else. */
  await(fields) {
    const { values } = this.data
    const other = fields.filter((field) => this.get(field) !== plain(values[field]))
    this.awaited = Object.fromEntries(other.map((field) => [field, this.get(field)]))
    this.asked = 0
    this.ask()
  }

  ask() {
    if (!Object.keys(this.awaited).length || this.asked >= MOST_ASKED) return
    this.asked += 1
    this.restore(this.awaited)
  }

  take(typedInto) {
    const field = Object.keys(this.data?.values ?? {}).find((name) => element(name) === typedInto)
    if (!field) return
    delete this.awaited[field]
    this.set(field, plain(typedInto.value))
    this.save()
  }

  look() {
    for (const [field, value] of Object.entries(this.data.values)) {
      if (!(field in this.awaited) && element(field)?.value === plain(value)) this.set(field, plain(value))
    }
    this.save()
  }

  /** Only what differs from its default is a draft: a default may change, and an old one must not come back. */
  set(field, value) {
    if (value === plain(this.data.defaults[field])) delete this.draft.values[field]
    else this.draft.values[field] = value
  }

  get(field) {
    return this.draft.values[field] ?? plain(this.data.defaults[field])
  }

  save() {
    save(this.data.storage, this.draft)
  }

  leave() {
    this.timers.forEach(clearTimeout)
    document.removeEventListener("input", this.onInput, true)
    window.removeEventListener("pagehide", this.onLook)
  }
}

/** The text field of a keyed widget: Streamlit gives the widget's container the class `st-key-<key>`. */
function element(field) {
  return document.querySelector(`.st-key-${CSS.escape(field)} :is(textarea, input)`)
}

/** The text as a field shows it and as it can be sent: Unix line ends, no half of a surrogate pair. */
function plain(text) {
  const unix = text.replace(/\r\n?/g, "\n")
  return unix.toWellFormed?.() ?? unix
}

/** The draft of this tab or, in a new one, the latest of all tabs. */
function load(storage) {
  for (
    const read of [
      () => memory.get(storage),
      () => sessionStorage.getItem(storage),
      () => localStorage.getItem(storage),
    ]
  ) {
    try {
      const { start, values } = JSON.parse(read())
      const texts = Object.entries(values).filter(([, value]) => typeof value === "string")
      const draft = { start, values: Object.fromEntries(texts.map(([field, text]) => [field, plain(text)])) }
      memory.set(storage, JSON.stringify(draft))
      return draft
    } catch {
      // nothing there, storage not allowed, or not ours
    }
  }
  return null
}

function save(storage, draft) {
  const text = JSON.stringify(draft)
  const before = memory.get(storage)
  if (text === before) return
  memory.set(storage, text)
  attempt(() => sessionStorage.setItem(storage, text))
  // Of several tabs the one that was typed in last is the latest, not the one that ran last.
  if (before && JSON.stringify(JSON.parse(before).values) === JSON.stringify(draft.values)) return
  const empty = !Object.keys(draft.values).length
  attempt(() => (empty ? localStorage.removeItem(storage) : localStorage.setItem(storage, text)))
}

/** Storage may be full or switched off; the page goes on without it. */
function attempt(write) {
  try {
    write()
  } catch {
    // what is in memory stays
  }
}
