// Handing in the school's own file: too large a one is told before it travels, and the wait is told.

const form = document.querySelector("form[data-max-bytes]");
const file = form.querySelector("[type=file]");
const wrong = form.querySelector("[data-wrong]");
const button = form.querySelector("button");

file.addEventListener("change", () => {
  const isTooBig = (file.files[0]?.size ?? 0) > Number(form.dataset.maxBytes);
  wrong.hidden = !isTooBig;
  wrong.textContent = isTooBig ? form.dataset.tooBig : "";
  file.classList.toggle("is-invalid", isTooBig);
  button.disabled = isTooBig;
});

form.addEventListener("submit", () => {
  button.disabled = true;
  button.textContent = form.dataset.busy;
});

// Back in the browser's history: the page may be shown as it was left.
window.addEventListener("pageshow", (event) => event.persisted && button.disabled && location.reload());
