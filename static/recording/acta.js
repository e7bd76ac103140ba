// The acta as a form that is written like a document: rows that are added, moved and taken away, and a warning before
// what was written is lost.

const form = document.querySelector("[data-acta]");
const state = form.querySelector("[data-state]");
let isDirty = Boolean(document.querySelector(".note[role=alert]"));

function touch() {
  isDirty = true;
  state.textContent = state.dataset.dirty;
}

// What is there for those without a script.
for (const blank of form.querySelectorAll("[data-blank]")) blank.remove();

form.addEventListener("input", touch);

form.addEventListener("click", (event) => {
  const adder = event.target.closest("[data-add]");
  if (adder) {
    const section = adder.closest("[data-rows-of]");
    const row = document.getElementById(`acta-${section.dataset.rowsOf}`).content.firstElementChild.cloneNode(true);
    section.querySelector("[data-rows]").append(row);
    row.querySelector("input:not([type=hidden]), textarea").focus();
    touch();
    return;
  }
  const mover = event.target.closest("[data-move]");
  if (!mover) return;
  const row = mover.closest("li");
  if (mover.dataset.move === "away") {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    const section = row.closest("[data-rows-of]");
    row.remove();
    (next?.querySelector("[data-move=away]") ?? section.querySelector("[data-add]")).focus();
  } else {
    if (mover.dataset.move === "up") row.previousElementSibling?.before(row);
    else row.nextElementSibling?.after(row);
    mover.focus();
  }
  touch();
});

// A title is one line, however it is wrapped.
form.elements.title.addEventListener("keydown", (event) => {
  if (event.key === "Enter") event.preventDefault();
});

form.addEventListener("submit", () => (isDirty = false));
window.addEventListener("beforeunload", (event) => {
  if (isDirty) event.preventDefault();
});
if (isDirty) touch();
