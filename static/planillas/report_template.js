// The form of a template of reports: sections added, moved, taken away.

import { fromTemplate } from "../http.js";

const form = document.querySelector("[data-report-template]");
const list = form.querySelector("[data-parts]");
list.querySelector("[data-blank]")?.remove(); // for who has no script

form.querySelector("[data-add]").addEventListener("click", () => {
  const part = fromTemplate("report-part");
  list.append(part);
  part.querySelector("input").focus();
});

list.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  if (!button) return;
  const part = button.closest("li");
  const heir = part.nextElementSibling ?? part.previousElementSibling;
  if (button.dataset.move === "up") part.previousElementSibling?.before(part);
  else if (button.dataset.move === "down") part.nextElementSibling?.after(part);
  else {
    part.remove();
    (heir?.querySelector("input") ?? form.querySelector("[data-add]")).focus();
    return;
  }
  button.focus();
});
