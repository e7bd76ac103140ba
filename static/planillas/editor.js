// The editor of a template: columns added, taken out and moved without asking the server, and the sheet that comes of it.

const form = document.querySelector("[data-template-form]");
const list = form.querySelector("[data-columns]");
const told = form.querySelector("[data-told]");
const blank = document.getElementById("column-template").content.firstElementChild;
let next = list.children.length;
let isChanged = form.querySelector(".is-invalid") !== null;

const nameOf = (column) => column.querySelector("[data-name]").value.trim();
const called = (column) => nameOf(column) || form.dataset.nameless;

/** Clone the empty column with names of its own for its fields. */
function make() {
  const column = blank.cloneNode(true);
  const number = String(next++);
  column.querySelector("[name=column]").value = number;
  for (const part of column.querySelectorAll("[name], [id], [for], [aria-describedby]")) {
    for (const attribute of ["name", "id", "for", "aria-describedby"]) {
      const value = part.getAttribute(attribute);
      if (value?.endsWith("-0")) part.setAttribute(attribute, value.slice(0, -1) + number);
    }
  }
  return column;
}

function cell(kind, text = "", scope = "") {
  const made = document.createElement(kind);
  made.textContent = text;
  if (scope) made.scope = scope;
  return made;
}

/** What a cell of a column looks like. */
function sampleOf(column) {
  const choice = column.querySelector("[data-choices]").value.split("\n").find((line) => line.trim());
  if (column.dataset.kind === "choice" && choice) return choice.trim();
  return column.querySelector("[data-kind-of]").selectedOptions[0].dataset.sample;
}

function header(column) {
  const made = cell("th", nameOf(column), "col");
  made.classList.toggle("is-key", column.querySelector("[data-distinct]").checked);
  if (column.querySelector("[data-required]").checked) {
    const star = cell("span", "*");
    star.className = "is-required";
    star.ariaHidden = "true";
    made.append(star);
  }
  return made;
}

/** Draw the sheet; of the school's own file there is none, as its picture stands above. */
function drawSheet(drawn) {
  const table = form.querySelector("[data-preview]");
  if (!table) return;
  const [head, first, second] = table.rows;
  head.replaceChildren(head.firstElementChild, ...drawn.map(header));
  first.replaceChildren(first.firstElementChild, ...drawn.map((column) => cell("td", sampleOf(column))));
  second.replaceChildren(second.firstElementChild, ...drawn.map(() => cell("td")));
  table.parentElement.hidden = drawn.length === 0;
  form.querySelector("[data-nothing]").hidden = drawn.length > 0;
}

function draw() {
  const drawn = [...list.children].filter(nameOf);
  drawSheet(drawn);
  form.querySelector("[data-count]").textContent = drawn.length || "";
  [...list.children].forEach((column, at) => {
    column.querySelector("[data-up]").disabled = at === 0;
    column.querySelector("[data-down]").disabled = at === list.children.length - 1;
  });
  const add = form.querySelector("[data-add]");
  if (add) add.disabled = list.children.length >= Number(form.dataset.columnsMost);
}

function changed() {
  isChanged = true;
  draw();
}

function say(sentence, column, ...rest) {
  told.textContent = [called(column), ...rest].reduce((text, part) => text.replace(/%[sd]/, () => part), sentence);
}

function move(column, before) {
  list.insertBefore(column, before);
  changed();
  say(form.dataset.moved, column, [...list.children].indexOf(column) + 1);
}

const acts = {
  add() {
    const column = make();
    list.append(column);
    changed();
    column.querySelector("[data-name]").focus();
  },
  up(column, button) {
    if (column.previousElementSibling) move(column, column.previousElementSibling);
    (button.disabled ? column.querySelector("[data-down]") : button).focus();
  },
  down(column, button) {
    if (column.nextElementSibling) move(column, column.nextElementSibling.nextElementSibling);
    (button.disabled ? column.querySelector("[data-up]") : button).focus();
  },
  remove(column) {
    const heir = column.nextElementSibling ?? column.previousElementSibling;
    say(form.dataset.removed, column);
    column.remove();
    changed();
    (heir?.querySelector("[data-name]") ?? form.querySelector("[data-add]"))?.focus();
  },
};

form.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=do]");
  const act = acts[button?.value.split("-")[0]];
  if (!act) return;
  event.preventDefault();
  act(button.closest("[data-column]"), button);
});

form.addEventListener("input", (event) => {
  const column = event.target.closest("[data-column]");
  if (column && event.target.matches("[data-kind-of]")) {
    column.dataset.kind = event.target.value;
    column.querySelector("[data-about]").textContent = event.target.selectedOptions[0].dataset.word;
  }
  changed();
});

// Enter in a column's name goes on to the next one: a list of columns is written as one writes a list.
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("[data-name]")) return;
  event.preventDefault();
  const following = event.target.closest("[data-column]").nextElementSibling;
  if (following) following.querySelector("[data-name]").focus();
  else if (form.querySelector("[data-add]")) acts.add();
});

// --- dragging by the grip; the arrows do the same by keyboard and finger ---------------------------------------------------

let dragged = null;

list.addEventListener("pointerdown", (event) => {
  const column = event.target.closest("[data-column]");
  if (column) column.draggable = event.target.closest("[data-grip]") !== null;
});

list.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-column]");
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", called(dragged));
  dragged.classList.add("is-dragged");
});

function unlight() {
  for (const lit of list.querySelectorAll(".is-before, .is-after")) lit.classList.remove("is-before", "is-after");
}

function half(event) {
  const over = event.target.closest("[data-column]");
  if (!dragged || !over || over === dragged) return {};
  const box = over.getBoundingClientRect();
  return { over, isAfter: event.clientY > box.top + box.height / 2 };
}

list.addEventListener("dragover", (event) => {
  if (!dragged) return;
  event.preventDefault();
  unlight();
  const { over, isAfter } = half(event);
  over?.classList.add(isAfter ? "is-after" : "is-before");
});

list.addEventListener("drop", (event) => {
  if (!dragged) return;
  event.preventDefault();
  const { over, isAfter } = half(event);
  if (over) move(dragged, isAfter ? over.nextElementSibling : over);
});

list.addEventListener("dragend", () => {
  unlight();
  dragged?.classList.remove("is-dragged");
  if (dragged) dragged.draggable = false;
  dragged = null;
});

// --- leaving without saving ---------------------------------------------------------------------------------------------------

form.addEventListener("submit", () => (isChanged = false));
window.addEventListener("beforeunload", (event) => isChanged && event.preventDefault());

form.querySelector(".is-invalid")?.focus();
draw();
