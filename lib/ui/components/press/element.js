// One element with buttons or fields. The code that draws it (`press.js`) is on the page once, however many there are.

export default function (element) {
  const code = (globalThis.feedStudioPress ??= { waiting: [] })
  let leave
  let isGone = false
  const draw = () => {
    if (!isGone) leave = code.draw(element)
  }
  if (code.draw) draw()
  else code.waiting.push(draw)
  return () => {
    isGone = true
    leave?.()
  }
}
