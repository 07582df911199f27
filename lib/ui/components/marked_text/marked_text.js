// Draws a text whose stretches are marked. Whatever is told is shown as text; nothing in it is ever read as markup.

const ELEMENTS = { found: "mark", added: "ins", removed: "del" }

export default function ({ data, parentElement }) {
  if (!data) return
  const told = JSON.stringify(data.stretches)
  const text = parentElement.querySelector(".text")
  if (text.dataset.told === told) return // a rerun that changed nothing must not take away what is selected
  text.dataset.told = told
  text.replaceChildren(...data.stretches.map(stretch))
}

function stretch([kind, words]) {
  if (!(kind in ELEMENTS)) return document.createTextNode(words)
  const element = document.createElement(ELEMENTS[kind])
  element.textContent = words
  return element
}
