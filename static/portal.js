// What every page of the portal shares: menus, confirmations, messages, light and dark.
"use strict";

// --- menus: <details class="menu">, open without a script; with it they also close -----------------------------------

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except && !menu.contains(except)) menu.open = false;
  }
}

document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A menu near the lower edge opens upwards. (toggle does not bubble: hence the capture.)
document.addEventListener(
  "toggle",
  (event) => {
    if (!event.target.matches?.("main details.menu")) return;
    const panel = event.target.querySelector(".menu-panel");
    panel.classList.remove("is-up");
    if (!event.target.open) return;
    const bar = matchMedia("(max-width: 61.99rem)").matches ? 64 : 0;
    const box = panel.getBoundingClientRect();
    panel.classList.toggle("is-up", box.bottom > innerHeight - bar && box.top - box.height > 60);
  },
  true,
);

// --- light and dark --------------------------------------------------------------------------------------------------

for (const button of document.querySelectorAll("[data-toggle-theme]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.preceptorTheme.toggle());
}

// --- confirmations: <form data-confirm="…"> asks before it is sent -----------------------------------------------------

const confirmation = document.getElementById("confirmation");

function ask(text, action) {
  confirmation.querySelector("[data-text]").textContent = text;
  if (action) confirmation.querySelector("[value=yes]").textContent = action;
  confirmation.returnValue = "";
  confirmation.showModal();
  return new Promise((resolve) => {
    confirmation.addEventListener("close", () => resolve(confirmation.returnValue === "yes"), { once: true });
  });
}

document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    const asker = event.submitter?.dataset.confirm ? event.submitter : form;
    if (!asker.dataset.confirm || form.dataset.confirmed || !confirmation?.showModal) return;
    event.preventDefault();
    event.stopPropagation();
    if (!(await ask(asker.dataset.confirm, asker.dataset.confirmAction))) return;
    form.dataset.confirmed = "1";
    form.requestSubmit(event.submitter);
    delete form.dataset.confirmed;
  },
  true,
);

// --- dialogs -----------------------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-open-dialog]");
  if (opener) {
    event.preventDefault();
    document.getElementById(opener.dataset.openDialog)?.showModal();
  }
  if (event.target.closest?.("[data-close-dialog]")) event.target.closest("dialog").close();
  if (event.target.matches?.("dialog.drawer")) event.target.close(); // a click beside the drawer
});

// --- messages ----------------------------------------------------------------------------------------------------------

const toasts = document.getElementById("toasts");

function dismissLater(toast) {
  if (!toast.matches(".toast-danger, .toast-warning")) setTimeout(() => toast.remove(), 8000);
}

export function say(text, level = "info") {
  const toast = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  toast.classList.add(`toast-${level}`);
  toast.querySelector("[data-text]").textContent = text;
  toasts.append(toast);
  dismissLater(toast);
}

toasts?.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".note").remove());
for (const toast of toasts?.children ?? []) dismissLater(toast);

document.addEventListener("htmx:responseError", () => say(toasts.dataset.failed, "danger"));
document.addEventListener("htmx:sendError", () => say(toasts.dataset.offline, "danger"));

// --- small helps -------------------------------------------------------------------------------------------------------

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-autosubmit]")) event.target.form.requestSubmit();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.querySelector(button.dataset.copy)?.innerText ?? "");
  say(button.dataset.copied, "success");
});
