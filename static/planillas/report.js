// A report: it appears section by section while it is written; the form of its data shows the chosen planilla's columns.

const busy = document.querySelector("[data-report-events]");
let done = null;

/** Draw what is written by now, unless somebody is writing in the page. */
async function refresh() {
  if (document.querySelector("[data-report-edit]")) return;
  const answer = await fetch(location.pathname, { credentials: "same-origin" });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("report-body");
  if (fresh) document.getElementById("report-body").replaceWith(fresh);
}

function show(told) {
  if (!told.is_busy) {
    location.reload(); // its actions change too
    return;
  }
  busy.querySelector("[data-share]").value = (100 * told.done) / Math.max(1, told.total);
  busy.querySelector("[data-told-line]").textContent = busy.dataset.told
    .replace("%(done)s", told.done)
    .replace("%(total)s", told.total);
  const waits = busy.querySelector("[data-waits]");
  waits.textContent = told.waits;
  waits.hidden = !told.waits;
  if (done !== null && done !== told.done) refresh();
  done = told.done;
}

let source = null;

function listen() {
  source?.close();
  source = new EventSource(busy.dataset.reportEvents);
  source.addEventListener("report", (event) => show(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    // CONNECTING: the browser tries again by itself. CLOSED: the server refused (a restart, say); try again later.
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 5000);
  });
}

if (busy) {
  listen();
  window.addEventListener("pageshow", (event) => event.persisted && listen());
  window.addEventListener("pagehide", () => source?.close());
}

// --- the data of a table or a chart ------------------------------------------------------------------------------------------

function choose(form) {
  for (const part of form.querySelectorAll("[data-of]")) {
    const isChosen = part.dataset.of === form.elements.planilla.value;
    part.hidden = !isChosen;
    part.disabled = !isChosen;
  }
}

for (const form of document.querySelectorAll("[data-report-data]")) {
  choose(form);
  form.elements.planilla.addEventListener("change", () => choose(form));
}

// --- writing over --------------------------------------------------------------------------------------------------------------

const edited = document.querySelector("[data-report-edit]");
if (edited) {
  let isDirty = false;
  edited.addEventListener("input", () => (isDirty = true));
  edited.addEventListener("submit", () => (isDirty = false));
  window.addEventListener("beforeunload", (event) => isDirty && event.preventDefault());
}
