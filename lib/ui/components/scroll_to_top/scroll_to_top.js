// Brings the top of the page into view when it shows something else: Streamlit itself leaves the scroll where it was.

let before // what this tab has shown last; a reload begins anew, and the browser knows the place itself

export default function ({ data, parentElement }) {
  if (!data) return
  const box = (parentElement.host ?? parentElement).closest('[data-testid="stElementContainer"]')
  if (box) box.style.display = "none"
  if (before !== undefined && before !== data.shown) {
    document.querySelector('[data-testid="stMain"]')?.scrollTo({ top: 0 })
  }
  before = data.shown
}
