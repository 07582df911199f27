// The fields of a form. The page is the truth: what they show is kept at every keystroke, put back before anybody can
// type, and read when the form is sent. The server only says what an untouched field shows.

const MOST_CHARACTERS = 20_000 // of a kept text: far beyond any limit of a form
const PAUSE_MS = 350 // of typing, after which the server hears what the fields show

/** Where the browser allows no storage, drafts live as long as the page. */
const memory = new Map()

class Fields {
  constructor(onChange) {
    this.element = node("div", { class: "fields" })
    this.onChange = onChange
    this.touched = {} // what somebody typed or put in, by name
    this.base = null // the version of the server's texts that it was typed on top of
    this.element.addEventListener("input", (event) => this.typed(event.target))
  }

  update(data, problems) {
    const before = this.data
    this.data = data
    if (!before || shape(before) !== shape(data)) this.build()
    this.label(problems)
    if (before?.storage !== data.storage) this.restore()
    else this.follow(before)
    this.takeSteps()
    this.takeLoaded()
    this.note()
    this.tell()
  }

  // -- values

  values() {
    return Object.fromEntries(this.data.fields.map(({ name }) => [name, this.read(name)]))
  }

  /** What a press sends: with the version that the texts were typed on top of, where the server names versions. */
  pressed() {
    return "base" in this.data
      ? { ...this.values(), base: this.isTouched() ? this.base : this.data.base }
      : this.values()
  }

  isTouched() {
    return Object.keys(this.touched).length > 0
  }

  read(name) {
    const { control, kind } = this.rows[name]
    return plain(kind === "choice" ? (control.querySelector("input:checked")?.value ?? "") : control.value)
  }

  write(name, value) {
    const { control, kind } = this.rows[name]
    if (this.read(name) === value) return
    if (kind !== "choice") control.value = value
    else for (const radio of control.querySelectorAll("input")) radio.checked = radio.value === value
  }

  /** Fill these fields; what they showed can be brought back. */
  load(values, text) {
    this.keepForUndo(text)
    for (const [name, value] of Object.entries(values)) this.set(name, value)
    this.changed()
  }

  /** Back to the defaults, for a new brief; the fields in `kept` stay. */
  clear(kept, text) {
    this.keepForUndo(text)
    for (const { name, value } of this.data.fields) {
      if (kept.includes(name)) continue
      delete this.touched[name]
      this.write(name, value)
    }
    this.changed()
  }

  /** Put these words behind what the fields show. */
  add(values) {
    for (const [name, value] of Object.entries(values)) this.set(name, `${this.read(name).trimEnd()} ${value}`.trim())
    this.changed()
  }

  undo() {
    const { values } = this.undoable
    this.undoable = null
    for (const [name, value] of Object.entries(values)) this.set(name, value)
    this.changed()
  }

  set(name, value) {
    if (!this.rows[name]) return
    this.write(name, plain(value))
    this.touch(name)
  }

  /** Of a versioned text, what is typed back to how it was is no draft. */
  touch(name) {
    const value = this.read(name)
    const own = this.data.fields.find((field) => field.name === name).value
    if ("base" in this.data && value === plain(own)) delete this.touched[name]
    else {
      if (!this.isTouched()) this.base = this.data.base ?? null
      this.touched[name] = value
    }
  }

  focus() {
    this.element.querySelector("textarea, input")?.focus()
  }

  keepForUndo(text) {
    this.undoable = { values: this.values(), text, shown: this.data.shown }
  }

  typed(target) {
    const name = this.data.fields.find(({ name }) => this.rows[name].row.contains(target))?.name
    if (!name) return
    this.touch(name)
    this.mend(name)
    this.changed()
  }

  changed() {
    this.save()
    this.note()
    this.onChange()
    this.tell()
  }

  /** Let the server hear what its fields show, where it listens and knows something else. */
  tell() {
    const { listens, heard, storage } = this.data
    if (!listens?.length) return
    const told = listens.some((name) => name in this.touched)
      ? { storage, base: this.base, values: Object.fromEntries(listens.map((name) => [name, this.read(name)])) }
      : null
    if (this.timer && same(told, this.told)) return // a page that is drawn often must not put it off for ever
    clearTimeout(this.timer)
    this.told = told
    this.timer = same(told, heard) ? 0 : setTimeout(() => this.tellNow(), PAUSE_MS)
  }

  /** Tell what waits for a pause. */
  tellNow() {
    if (!this.timer) return
    clearTimeout(this.timer)
    this.timer = 0
    this.data.hear(this.told)
  }

  /** An untouched field follows its default, to another language for instance; never what somebody has typed. */
  follow(before) {
    const old = Object.fromEntries(before.fields.map(({ name, value }) => [name, value]))
    for (const { name, value } of this.data.fields) {
      if (!(name in this.touched) && this.read(name) === old[name]) this.write(name, value)
    }
  }

  // -- what is kept

  restore() {
    const kept = loadDraft(this.data.storage)
    this.touched = {}
    this.base = null
    this.undoable = kept?.undoable ?? null
    this.loaded = kept?.loaded ?? null
    for (const { name, value } of this.data.fields) {
      const own = kept?.values?.[name]
      if (typeof own === "string") this.set(name, own)
      else this.write(name, value)
    }
    if (this.isTouched() && typeof kept.base === "string") this.base = kept.base
    this.onChange()
  }

  /** A person's own changes of the stored texts: what they have typed goes on from the newest, or is what was stored. */
  takeSteps() {
    const { steps, base } = this.data
    if (!steps || !this.isTouched() || this.base === base) return
    const taken = []
    let reached = this.base
    for (const step of steps) {
      if (step.before !== reached) continue
      reached = step.after
      taken.push(step)
    }
    if (reached !== base) return
    this.base = reached
    for (const { name, value } of this.data.fields) {
      if (!taken.some(({ values }) => values[name] === this.touched[name])) continue
      delete this.touched[name]
      this.write(name, value)
      this.undoable = null
    }
    this.save()
    this.onChange()
  }

  /** A brief chosen on another page; once, however often the server repeats it. */
  takeLoaded() {
    const { load } = this.data
    if (!load || load.id === this.loaded) return
    this.loaded = load.id
    this.load(load.values, load.text)
  }

  save() {
    const { touched: values, base, undoable, loaded } = this
    saveDraft(this.data.storage, { values, base, undoable, loaded })
  }

  // -- the page

  build() {
    this.rows = {}
    const groups = new Map()
    for (const field of this.data.fields) {
      const row = this.buildRow(field)
      if (!groups.has(field.group)) groups.set(field.group, node("div", { class: `group group-${field.group}` }))
      groups.get(field.group).append(row.row)
      this.rows[field.name] = row
    }
    const more = groups.get("more")
    this.summary = node("summary")
    if (more) {
      this.more = node("details", { class: "more" })
      this.more.append(this.summary, more)
      groups.set("more", this.more)
    }
    this.notice = node("p", { class: "notice", role: "note", hidden: "" })
    this.element.replaceChildren(...groups.values(), this.notice)
  }

  buildRow({ name, key, kind, longest }) {
    const id = `${this.data.key}-${name}`
    const row = node("div", { class: `field field-${kind} st-key-${key ?? name}` })
    const heading = kind === "choice" ? node("span", { id: `${id}-label` }) : node("label", { for: id })
    const ask = node("button", {
      type: "button",
      class: "ask",
      "aria-expanded": "false",
      "aria-controls": `${id}-help`,
    })
    ask.append(node("span", { class: "icon", "aria-hidden": "true" }))
    ask.firstChild.textContent = "help"
    const help = node("p", { class: "help", id: `${id}-help`, hidden: "" })
    ask.addEventListener("click", () => {
      help.hidden = !help.hidden
      ask.setAttribute("aria-expanded", String(!help.hidden))
    })
    const head = node("div", { class: "head" })
    head.append(heading, ask)
    let control
    if (kind === "area") control = node("textarea", { id })
    else if (kind === "choice") {
      control = node("div", { class: "choices", role: "radiogroup", "aria-labelledby": `${id}-label` })
    } else control = node("input", { id, type: "text", autocomplete: "off" })
    if (kind === "number") control.inputMode = "decimal"
    if (longest) control.maxLength = longest
    const presets = node("div", { class: "presets", role: "group", hidden: "" })
    const list = node("datalist", { id: `${id}-list` })
    if (kind === "list") control.setAttribute("list", list.id)
    const note = node("p", { class: "note", hidden: "" })
    const problem = node("p", { class: "problem", id: `${id}-problem`, hidden: "" })
    row.append(head, presets, control, list, help, note, problem)
    return { row, kind, heading, ask, help, control, presets, list, note, problem }
  }

  label(problems) {
    this.summary.textContent = this.data.more
    for (const field of this.data.fields) {
      const { name } = field
      const { heading, ask, help, control, presets, list, note, kind, row } = this.rows[name]
      heading.textContent = field.label
      ask.hidden = !field.help
      if (ask.hidden) help.hidden = true
      ask.setAttribute("aria-label", `${field.label}: ${this.data.about}`)
      help.textContent = field.help ?? ""
      note.textContent = field.note?.text ?? ""
      if (kind === "choice") this.drawChoices(name, field.choices)
      else {
        control.placeholder = field.hint ?? ""
        if (kind === "area") control.style.height = `${field.height}px`
        control.setAttribute("aria-required", String(Boolean(field.required)))
      }
      list.replaceChildren(...(kind === "list" ? field.choices : []).map(([value, label]) => option(value, label)))
      presets.hidden = !field.presets
      if (field.presets) this.drawPresets(name, field)
      row.classList.toggle("short", Boolean(field.short))
    }
    this.showProblems(problems)
  }

  drawChoices(name, choices) {
    const { control } = this.rows[name]
    if (control.childElementCount !== choices.length) {
      control.replaceChildren(
        ...choices.map(([value]) => {
          const label = node("label")
          label.append(node("input", { type: "radio", name: `${this.data.key}-${name}`, value }), node("span"))
          return label
        }),
      )
    }
    choices.forEach(([, label], place) => (control.children[place].querySelector("span").textContent = label))
  }

  drawPresets(name, { presets, presetsLabel }) {
    const { presets: box } = this.rows[name]
    box.className = "presets st-key-tone_preset"
    box.setAttribute("aria-label", presetsLabel)
    if (box.childElementCount !== presets.length) {
      box.replaceChildren(
        ...presets.map(() => {
          const button = node("button", { type: "button" })
          button.addEventListener("click", () => {
            this.set(name, button.textContent)
            this.mend(name)
            this.changed()
          })
          return button
        }),
      )
    }
    presets.forEach((text, place) => (box.children[place].textContent = text))
  }

  /** What depends on what the fields show: which preset is chosen, which remark belongs to it. */
  note() {
    for (const field of this.data.fields) {
      const { note, presets } = this.rows[field.name]
      const value = this.read(field.name)
      for (const button of presets.children) button.setAttribute("aria-pressed", String(button.textContent === value))
      const { value: remembered, whileEmpty } = field.note ?? {}
      note.hidden = !field.note || value !== remembered || this.read(whileEmpty) !== ""
    }
    if (!this.data.notice) return
    const { field, pattern, text } = this.data.notice
    this.notice.hidden = !new RegExp(pattern).test(this.read(field))
    this.notice.textContent = text
  }

  // -- what is wrong with a field

  showProblems({ press, fields }) {
    const isNew = press !== this.problems?.press
    if (isNew) this.mended = new Set()
    this.problems = { press, fields }
    for (const { name } of this.data.fields) this.showProblem(name)
    const broken = this.data.fields.find(({ name }) => fields[name])
    if (!isNew || !broken) return
    const { control, kind } = this.rows[broken.name]
    if (this.more?.contains(control)) this.more.open = true
    const target = kind === "choice" ? control.querySelector("input") : control
    target.focus()
  }

  showProblem(name) {
    const { problem, control, help } = this.rows[name]
    const text = this.mended.has(name) ? undefined : this.problems.fields[name]
    problem.hidden = !text
    problem.textContent = text ?? ""
    problem.classList.toggle(`st-key-problem_${name}`, Boolean(text))
    if (text) control.setAttribute("aria-invalid", "true")
    else control.removeAttribute("aria-invalid")
    const described = [text && problem.id, help.textContent && help.id].filter(Boolean).join(" ")
    if (described) control.setAttribute("aria-describedby", described)
    else control.removeAttribute("aria-describedby")
  }

  mend(name) {
    if (!this.problems?.fields[name]) return
    const { required, most } = this.data.fields.find((field) => field.name === name)
    const text = this.read(name).trim()
    const isGood = (text || !required) && (!most || [...text].length <= most)
    if (isGood) this.mended.add(name)
    else this.mended.delete(name)
    this.showProblem(name)
  }
}

function shape({ fields }) {
  return JSON.stringify(fields.map(({ name, kind, group }) => [name, kind, group]))
}

/** Whether two told drafts are one; the server's copy may have its parts in another order. */
function same(one, other) {
  const parts = (told) => told && [told.storage, told.base, Object.entries(told.values).sort()]
  return JSON.stringify(parts(one) ?? null) === JSON.stringify(parts(other) ?? null)
}

function option(value, label) {
  const element = node("option", { value })
  if (label !== value) element.textContent = label
  return element
}

/** The text as it can be sent: Unix line ends, no half of a surrogate pair. */
function plain(text) {
  const unix = String(text).replace(/\r\n?/g, "\n").slice(0, MOST_CHARACTERS)
  return unix.toWellFormed?.() ?? unix
}

/** The draft of this tab or, in a new one, the latest of all tabs. */
function loadDraft(storage) {
  const reads = [() => memory.get(storage), () => sessionStorage.getItem(storage), () => localStorage.getItem(storage)]
  for (const read of reads) {
    try {
      const draft = JSON.parse(read())
      if (draft?.values && typeof draft.values === "object") return draft
    } catch {
      // nothing there, not ours, or storage is not allowed
    }
  }
  return null
}

function saveDraft(storage, draft) {
  const text = JSON.stringify(draft)
  memory.set(storage, text)
  const { values, base } = draft
  const shared = Object.keys(values).length ? JSON.stringify({ values, base }) : null
  try {
    sessionStorage.setItem(storage, text)
    if (shared) localStorage.setItem(storage, shared)
    else localStorage.removeItem(storage)
  } catch {
    // full or switched off: what is in memory stays
  }
}
