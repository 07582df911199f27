// Tells the browser which language the page is in, and says in it what Streamlit itself says in English only.

const STYLE = "feed-studio-page-language"

export default function ({ data, parentElement }) {
  if (!data) return
  const box = (parentElement.host ?? parentElement).closest('[data-testid="stElementContainer"]')
  if (box) box.style.display = "none"
  document.documentElement.lang = data.language
  const style = document.getElementById(STYLE) ?? document.head.appendChild(document.createElement("style"))
  style.id = STYLE
  style.textContent = `
    [data-testid="InputInstructions"] { display: none; }
    ${data.uploaders.map(uploader).join("")}`
}

/** CSS that says in an uploader, by its key, what may be chosen. */
function uploader({ key, choose, limit }) {
  return `
    ${instead(`.st-key-${key} [data-testid="stFileUploaderDropzone"] button p`, choose)}
    ${instead(`.st-key-${key} [data-testid="stFileUploaderDropzoneInstructions"] span`, limit)}`
}

/** CSS that shows other words in the element's place. What is invisible is not read out; generated content is. */
function instead(selector, words) {
  return `
    ${selector} { font-size: 0; visibility: hidden; }
    ${selector}::after { content: ${JSON.stringify(words)}; font-size: 0.875rem; visibility: visible; }`
}
