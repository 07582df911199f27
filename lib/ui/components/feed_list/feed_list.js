// Draws the list of feeds and tells what a person does with it. Whatever is told is shown as text, never as markup.

const lists = new WeakMap()

export default function ({ data, parentElement, setTriggerValue }) {
  if (!data) return undefined
  if (!lists.has(parentElement)) lists.set(parentElement, new List(parentElement))
  const list = lists.get(parentElement)
  list.tell = setTriggerValue
  list.update(data)
  return undefined
}

class List {
  constructor(root) {
    this.list = root.querySelector(".feeds")
    this.keys = root.querySelector(".keys")
    this.list.addEventListener("keydown", (event) => this.onKey(event))
  }

  update(data) {
    const told = JSON.stringify(data)
    if (told === this.told) return
    this.told = told
    const focused = this.focused()
    this.selected = new Set(data.selected)
    this.words = data.words
    this.list.setAttribute("aria-label", data.words.list)
    this.list.replaceChildren(...data.rows.map((row) => this.row(row)))
    this.keys.textContent = data.rows.length ? data.words.keys : ""
    const left = data.left && `[data-id="${CSS.escape(data.left)}"] .open` // where the reader comes back to
    if (left) setTimeout(() => this.list.querySelector(left)?.focus())
    else if (focused) this.list.querySelector(`[data-id="${CSS.escape(focused.id)}"] ${focused.part}`)?.focus()
  }

  /** Which part of which row has the keyboard, so that it still does after the list was drawn anew. */
  focused() {
    const at = this.list.getRootNode().activeElement
    const row = at?.closest?.(".feed")
    return row ? { id: row.dataset.id, part: `.${at.className || "choose input"}` } : null
  }

  row(row) {
    const feed = make("li", "feed")
    feed.dataset.id = row.id
    feed.dataset.selected = this.selected.has(row.id)

    const choose = make("label", "choose")
    const box = make("input")
    box.type = "checkbox"
    box.checked = this.selected.has(row.id)
    box.setAttribute("aria-label", `${this.words.select}: ${plain(row.caption)}`)
    box.onchange = () => this.select(feed, box.checked)
    choose.append(box)

    const open = make("button", "open")
    open.type = "button"
    open.onclick = () => this.tell("opened", row.id)
    const words = make("span", "words")
    words.append(marked("caption", row.caption))
    for (const { name, text } of row.elsewhere) words.append(marked("elsewhere", [["same", `${name}: `], ...text]))
    if (row.tags.length) words.append(marked("tags", row.tags))
    const told = make("span", "told")
    const head = make("span", "head")
    head.append(make("span", "when", row.when))
    const status = make("span", "status", row.status.text)
    status.dataset.status = row.status.name
    head.append(
      status,
      ...row.findings.map((text) => make("span", "badge finding", text)),
      ...row.badges.map((badge) => make("span", "badge", badge)),
    )
    told.append(head, make("span", "facts", row.facts.join(" · ")))
    open.append(words, told)

    const star = make("button", "star", row.favourite ? "★" : "☆")
    star.type = "button"
    star.title = row.favourite ? this.words.unfavour : this.words.favour
    star.setAttribute("aria-label", this.words.favour)
    star.setAttribute("aria-pressed", row.favourite)
    star.onclick = () => this.tell("favoured", row.id)

    feed.append(choose, open, star)
    return feed
  }

  select(feed, chosen) {
    feed.dataset.selected = chosen
    if (chosen) this.selected.add(feed.dataset.id)
    else this.selected.delete(feed.dataset.id)
    this.tell("chosen", [...this.selected])
  }

  /** Up and down walk through the rows, x selects, as in a mailbox; Enter and Tab do what they always do. */
  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const feed = event.target.closest(".feed")
    if (!feed) return
    // By the key's place and not by its letter: with Hangul switched on, x writes a consonant.
    const step = { ArrowDown: 1, KeyJ: 1, ArrowUp: -1, KeyK: -1 }[event.code]
    if (step) {
      const rows = [...this.list.children]
      rows[rows.indexOf(feed) + step]?.querySelector(".open").focus()
    } else if (event.code === "KeyX") {
      const box = feed.querySelector("input")
      box.checked = !box.checked
      this.select(feed, box.checked)
    } else return
    event.preventDefault()
  }
}

function make(name, className = "", words = "") {
  const element = document.createElement(name)
  if (className) element.className = className
  if (words) element.textContent = words
  return element
}

function marked(className, stretches) {
  const line = make("span", className)
  line.append(
    ...stretches.map(([kind, words]) => (kind === "found" ? make("mark", "", words) : document.createTextNode(words))),
  )
  return line
}

function plain(stretches) {
  return stretches.map(([, words]) => words).join("")
}
