// Requests to our own server, signed against forgery.

export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]').content;
}

export function post(url, { body = null, headers = {}, signal } = {}) {
  return fetch(url, {
    method: "POST",
    body,
    signal,
    credentials: "same-origin",
    headers: { "X-CSRFToken": csrfToken(), "X-Requested-With": "XMLHttpRequest", ...headers },
  });
}

/** The sentence of an error answer: problem+json as the API gives it, else null. */
export function problemDetail(text) {
  try {
    const problem = JSON.parse(text);
    return problem.detail || problem.title || null;
  } catch {
    return null;
  }
}

/** Clone the first element of <template id=…>. */
export function fromTemplate(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}
