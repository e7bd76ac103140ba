// The form of a prompt: a row for each variable as it is written, roles only where they matter; and patience when trying out.

const KNOWN = new Set(["escuela", "fecha", "rol"]);
const MOST = 20;

// As rag/prompt_text.py reads it: four braces stand for two, two braces and a name for a variable.
function namesIn(text) {
  const found = new Set();
  for (const [, name] of text.matchAll(/\{\{\{\{|\{\{[ \t]*([a-z][a-z0-9_]{0,39})[ \t]*\}\}/g)) {
    if (name && !KNOWN.has(name)) found.add(name);
  }
  return [...found].slice(0, MOST);
}

function followVariables(form) {
  const text = form.elements.text;
  const list = form.querySelector("[data-rows]");
  const none = form.querySelector("[data-none]");
  const template = document.getElementById("prompt-variable-template").content.firstElementChild;
  // A variable that is taken out of the text and written again keeps what was said of it.
  const rows = new Map();
  for (const row of list.children) rows.set(row.querySelector("[name=variable_name]").value, row);

  const make = (name) => {
    const row = template.cloneNode(true);
    row.querySelector("[name=variable_name]").value = name;
    row.querySelector("[data-name]").textContent = `{{${name}}}`;
    rows.set(name, row);
    return row;
  };
  const follow = () => {
    const names = namesIn(text.value);
    const wanted = names.map((name) => rows.get(name) ?? make(name));
    if (wanted.length !== list.children.length || wanted.some((row, at) => list.children[at] !== row)) {
      list.replaceChildren(...wanted);
    }
    none.hidden = names.length > 0;
  };
  text.addEventListener("input", follow);
  follow();
}

function followRoles(form) {
  const roles = form.querySelector("[data-roles]");
  const show = () => (roles.hidden = form.elements.who.value !== "algunos");
  for (const choice of form.elements.who) choice.addEventListener("change", show);
  show();
}

for (const form of document.querySelectorAll("[data-prompt]")) {
  followVariables(form);
  followRoles(form);
}

for (const form of document.querySelectorAll("form[data-busy]")) {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button:not([type=button])");
    button.disabled = true;
    button.textContent = form.dataset.busy;
  });
}
// Back in the browser's history: the page may be shown as it was left.
window.addEventListener("pageshow", (event) => {
  if (event.persisted && document.querySelector("form[data-busy] button:disabled")) location.reload();
});
