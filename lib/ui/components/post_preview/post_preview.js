// Draws one post from what Python tells. Whatever is told is shown as text; nothing in it is ever read as markup.

const COPIED_MS = 2000
const PICTURES_KEPT = 8
const NARROW = "(max-width: 640px)" // where Streamlit puts its columns one below the other

/** One view per place on the page; it outlives every update, and with it the focus and the open fold. */
const views = new WeakMap()

/** Pictures by id: Python sends one only a few times while it updates the text many times. */
const pictures = new Map()

/** What this page has seen being written, and the runs it was scrolled to; a view may be made anew in between. */
const seenWriting = new Set()
const scrolledTo = new Set()

export default function ({ data, parentElement }) {
  if (!data) return
  if (!views.has(parentElement)) views.set(parentElement, new View(parentElement))
  views.get(parentElement).update(data)
}

class View {
  constructor(root) {
    const find = (selector) => root.querySelector(selector)
    this.post = find(".post")
    this.accounts = root.querySelectorAll(".account")
    this.initial = find(".initial")
    this.image = find("img")
    this.placeholder = find(".placeholder")
    this.badge = find(".badge")
    this.text = find(".text")
    this.ellipsis = find(".ellipsis")
    this.fold = find(".fold")
    this.note = find(".note")
    this.parked = find(".parked")
    this.counters = find(".counters")
    this.copies = [...root.querySelectorAll("[data-copies]")]
    this.said = find(".said")
    this.open = false
    this.copied = null
    this.fold.onclick = () => {
      this.open = !this.open
      this.drawCaption()
    }
    for (const button of this.copies) button.onclick = () => this.copy(button)
  }

  update(data) {
    const told = JSON.stringify(data)
    if (told === this.told) return // a rerun that changed nothing must not take away what is selected
    this.told = told
    this.follow(data)
    if (this.data && this.data.copy.both !== data.copy.both) this.forgetCopied()
    this.data = data
    const { words, state } = data

    this.post.style.setProperty("--fold-lines", data.fold.lines)
    this.post.style.setProperty("--line-syllables", data.fold.syllables)
    this.post.dataset.state = state
    this.post.toggleAttribute("data-bare", !data.shown.length)
    this.post.setAttribute("aria-label", words.label)
    this.post.setAttribute("aria-busy", String(state === "writing"))
    for (const account of this.accounts) account.textContent = data.account
    this.initial.textContent = firstLetter(data.account)
    this.drawPicture()
    show(this.badge, data.badge)
    this.drawCaption()
    this.parked.hidden = !data.parked.length
    this.parked.querySelector("p").textContent = words.parked
    this.parked.querySelector("ul").replaceChildren(...data.parked.map((tag) => item(tag)))
    this.counters.replaceChildren(...data.counters.map(({ level, text }) => item(text, level)))
    this.drawCopies()
  }

  /** Keeps in sight what a person has just asked for, and open what they have read while it was written. */
  follow({ state, written_by: by }) {
    if (state === "writing") this.open = false
    if (!by) return
    if (state === "done") {
      this.open = seenWriting.delete(by) || this.open
      return
    }
    seenWriting.add(by)
    const [run] = by.split("/")
    if (scrolledTo.has(run) || !matchMedia(NARROW).matches || !this.post.getClientRects().length) return
    scrolledTo.add(run)
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches
    requestAnimationFrame(() => this.post.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "center" }))
  }

  drawPicture() {
    const { picture, words } = this.data
    if (picture?.url?.startsWith("data:image/")) keep(picture.id, picture.url)
    const url = picture && pictures.get(picture.id)
    this.image.hidden = !url
    this.placeholder.toggleAttribute("hidden", Boolean(url))
    this.image.alt = words.picture
    if (!url) this.image.removeAttribute("src")
    else if (this.image.getAttribute("src") !== url) this.image.src = url
  }

  drawCaption() {
    const { shown, rest, state, words } = this.data
    const foldable = rest.length > 0
    const open = foldable && this.open
    if (state === "empty") this.text.textContent = words.empty
    else this.text.replaceChildren(...shown.map(coloured), ...(open ? [cut(), ...rest.map(coloured)] : []))
    this.ellipsis.hidden = !foldable || this.open
    show(this.note, open && words.folded_here)
    this.fold.hidden = !foldable
    this.fold.textContent = this.open ? words.less : words.more
    this.fold.setAttribute("aria-expanded", String(this.open))
  }

  drawCopies() {
    const { copy, state, words } = this.data
    for (const button of this.copies) {
      const what = button.dataset.copies
      const copied = this.copied === what
      button.hidden = what === "link" && !copy.link
      button.textContent = copied ? `✓ ${words.copied}` : words[`copy_${what}`]
      button.classList.toggle("copied", copied)
      button.disabled = state !== "done" || !copy[what]
    }
  }

  async copy(button) {
    const what = button.dataset.copies
    const text = this.data.copy[what]
    const done = await copyText(what === "link" ? new URL(text, location.href).href : text, button)
    clearTimeout(this.timer)
    this.copied = done ? what : null
    this.said.classList.toggle("unseen", done) // the button itself shows success; a failure is for everybody's eyes
    this.said.textContent = done ? this.data.words.copied : this.data.words.copy_failed
    this.drawCopies()
    if (done) this.timer = setTimeout(() => this.forgetCopied(), COPIED_MS)
  }

  forgetCopied() {
    clearTimeout(this.timer)
    this.copied = null
    this.said.textContent = ""
    this.drawCopies()
  }
}

function coloured([kind, text]) {
  if (kind === "text") return document.createTextNode(text)
  const span = document.createElement("span")
  span.className = kind
  span.textContent = text
  return span
}

/** Where the feed folds the open caption: a line below, out of the text and of what is copied. */
function cut() {
  const mark = document.createElement("span")
  mark.className = "cut"
  mark.ariaHidden = "true"
  return mark
}

function item(text, level) {
  const li = document.createElement("li")
  li.textContent = text
  if (level) li.dataset.level = level
  return li
}

function show(element, text) {
  element.hidden = !text
  element.textContent = text || ""
}

function keep(id, url) {
  pictures.set(id, url)
  if (pictures.size > PICTURES_KEPT) pictures.delete(pictures.keys().next().value)
}

function firstLetter(name) {
  const whole = new Intl.Segmenter().segment(name)[Symbol.iterator]().next()
  return whole.done ? "" : whole.value.segment.toUpperCase()
}

/** True when the text is on the clipboard. Pages that are not served over HTTPS have no `navigator.clipboard`. */
async function copyText(text, button) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text, button)
  }
}

function copyBySelection(text, button) {
  const area = document.createElement("textarea")
  area.value = text
  area.style.cssText = "position: fixed; top: 0; opacity: 0"
  button.after(area) // next to the button: a dialog would take the focus back from anywhere outside of it
  area.select()
  try {
    return document.execCommand("copy")
  } catch {
    return false
  } finally {
    area.remove()
    button.focus({ preventScroll: true })
  }
}
