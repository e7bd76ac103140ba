// A new planilla: documents searched and picked, and what would happen with them, asked again whenever the choice changes.

import { fromTemplate, post } from "../http.js";
import { say } from "../portal.js";

const form = document.querySelector("[data-new-planilla]");
const picked = form.querySelector("[data-picked]");
const results = form.querySelector("[data-results]");
const most = Number(form.dataset.most);

/** Put what our own server drew in the place of what a part held. */
function fill(part, markup) {
  part.replaceChildren(...new DOMParser().parseFromString(markup, "text/html").body.childNodes);
}

/** Call after a quiet moment; only the last of several calls counts, also among answers. */
function calmly(wait, ask) {
  let timer = 0;
  let asked = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const mine = ++asked;
      const done = await ask();
      if (mine === asked) done?.();
    }, wait);
  };
}

// --- what is picked ------------------------------------------------------------------------------------------------------------

const ids = () => new Set([...picked.querySelectorAll("[name=documents]")].map((each) => each.value));

function count() {
  const badge = form.querySelector("[data-count]");
  badge.textContent = picked.children.length;
  badge.hidden = picked.children.length === 0;
}

function pick(id, title) {
  if (ids().has(id)) return true;
  if (picked.children.length >= most) {
    say(form.dataset.tooMany, "warning");
    return false;
  }
  const chip = fromTemplate("picked-template");
  chip.querySelector("[name=documents]").value = id;
  chip.querySelector("[data-title]").textContent = title;
  chip.querySelector("[data-drop]").ariaLabel = form.dataset.drop.replace("%s", () => title);
  picked.append(chip);
  return true;
}

function drop(id) {
  for (const each of picked.querySelectorAll("[name=documents]")) if (each.value === id) each.closest("li").remove();
}

/** Tick in the results what is picked. Their boxes are not sent: the picked ones are. */
function tick() {
  const chosen = ids();
  for (const box of results.querySelectorAll("[type=checkbox]")) {
    box.removeAttribute("name");
    box.checked = chosen.has(box.value);
  }
}

function changed() {
  count();
  tick();
  foretell();
}

results.addEventListener("change", (event) => {
  const box = event.target;
  if (box.checked) pick(box.value, box.closest("label").querySelector("[data-title]").textContent);
  else drop(box.value);
  changed();
});

picked.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-drop]")?.closest("li");
  if (!chip) return;
  const heir = chip.nextElementSibling ?? chip.previousElementSibling;
  chip.remove();
  changed();
  (heir?.querySelector("[data-drop]") ?? form.querySelector("#pick-query")).focus();
});

form.querySelector("[data-pick-all]").addEventListener("click", () => {
  for (const box of results.querySelectorAll("[type=checkbox]:not(:disabled)")) {
    if (!pick(box.value, box.closest("label").querySelector("[data-title]").textContent)) break;
  }
  changed();
});

// --- searching -----------------------------------------------------------------------------------------------------------------

let page = "1";

const search = calmly(250, async () => {
  const asked = new URLSearchParams({ pagina: page });
  for (const field of form.querySelectorAll("[data-search]")) {
    if (field.type !== "checkbox" || field.checked) asked.set(field.name, field.value);
  }
  results.classList.add("is-stale");
  try {
    const answer = await fetch(`${form.dataset.documentsUrl}?${asked}`, { credentials: "same-origin" });
    const markup = answer.ok ? await answer.text() : null;
    return () => {
      if (markup !== null) fill(results, markup);
      tick();
    };
  } finally {
    results.classList.remove("is-stale");
  }
});

function again() {
  page = "1";
  search();
}

form.addEventListener("input", (event) => event.target.matches("[data-search]") && again());
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("input")) return;
  event.preventDefault(); // a planilla is begun by its button
  if (event.target.matches("[data-search]")) again();
});
results.addEventListener("click", (event) => {
  const button = event.target.closest("[data-page]");
  if (!button) return;
  event.preventDefault();
  page = button.dataset.page;
  search();
});

// --- what will happen, and what a template holds -----------------------------------------------------------------------------------

const foretell = calmly(400, async () => {
  const body = new URLSearchParams();
  const chosen = "[data-picked] [name=documents], [name=collections]:checked, [name=planillas]:checked";
  for (const field of form.querySelectorAll(chosen)) body.append(field.name, field.value);
  const answer = await post(form.dataset.foretellUrl, { body });
  const markup = answer.ok ? await answer.text() : null;
  return () => markup !== null && fill(form.querySelector("[data-foretold]"), markup);
});

form.addEventListener("change", (event) => event.target.matches("[name=collections], [name=planillas]") && foretell());

const showTemplate = calmly(0, async () => {
  const asked = new URLSearchParams({ plantilla: form.elements.template.value });
  const answer = await fetch(`${form.dataset.newUrl}?${asked}`, { credentials: "same-origin" });
  const markup = answer.ok ? await answer.text() : "";
  return () => {
    const told = new DOMParser().parseFromString(markup, "text/html").querySelector("[data-template-told]");
    form.querySelector("[data-template-told]").replaceChildren(...(told?.childNodes ?? []));
  };
});
form.elements.template?.addEventListener("change", showTemplate);

// --- beginning -----------------------------------------------------------------------------------------------------------------------

form.addEventListener("submit", (event) => {
  if (event.submitter?.value !== "start") return;
  const button = form.querySelector("[data-start]");
  // Disabled only after the form was gathered: a button that is disabled is not sent.
  setTimeout(() => {
    button.disabled = true;
    button.textContent = form.dataset.busy;
  });
});
window.addEventListener("pageshow", (event) => event.persisted && location.reload());

// What a plain page drew as ticked boxes becomes a list of names that can be taken out.
for (const box of picked.querySelectorAll("input[type=checkbox]")) {
  const title = box.closest("label").querySelector(".pick-title").textContent;
  box.closest("li").remove();
  pick(box.value, title);
}
count();
tick();
