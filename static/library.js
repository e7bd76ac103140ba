// The library page: sending files, watching them, choosing several.

import { fetchRow, Progress, swap } from "./progress.js";
import { acceptDrops, Uploads } from "./upload.js";

const form = document.getElementById("upload");
const section = () => document.getElementById("documents"); // htmx puts a new one in its place on every filter

new Progress(section());

if (form) {
  const uploads = new Uploads(form, showArrived);
  acceptDrops(document.getElementById("drop-veil"), (files) => uploads.add(files));
}

let reloading = null; // while the list comes anew from the server: once for all that arrive meanwhile
let counting = 0;

async function showArrived(id) {
  clearTimeout(counting);
  counting = setTimeout(reloadCount, 800);
  if (!document.getElementById("document-rows")) {
    await (reloading ??= reloadList().finally(() => (reloading = null))); // the list was empty and had no table
  }
  const fresh = await fetchRow(form.dataset.rowUrl.replace("00000000-0000-0000-0000-000000000000", id));
  const body = document.getElementById("document-rows");
  if (!fresh || !body) return;
  fresh.classList.add("is-new");
  const old = document.getElementById(`document-${id}`);
  if (old) swap(old, fresh);
  else body.prepend(fresh);
}

/** This page as the server would draw it now, or null. */
async function fetchPage() {
  const answer = await fetch(location.href, { credentials: "same-origin" });
  return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
}

async function reloadList() {
  const fresh = (await fetchPage())?.getElementById("documents");
  if (fresh) section().replaceWith(document.adoptNode(fresh));
  describePicked();
}

async function reloadCount() {
  const fresh = (await fetchPage())?.querySelector("[data-total]");
  if (fresh) document.querySelector("[data-total]").textContent = fresh.textContent;
}

// --- several at once ---------------------------------------------------------------------------------------------------

function boxes() {
  return [...document.querySelectorAll('#document-rows [name="documents"]')];
}

function describePicked() {
  const bar = document.getElementById("arrange");
  if (!bar) return;
  const all = boxes();
  const picked = all.filter((box) => box.checked).length;
  const count = bar.querySelector("[data-count]");
  bar.hidden = picked === 0;
  count.textContent = (picked === 1 ? count.dataset.one : count.dataset.many).replace("%d", picked);
  const every = document.querySelector("[data-pick-all]");
  if (every) {
    every.checked = picked > 0 && picked === all.length;
    every.indeterminate = picked > 0 && picked < all.length;
  }
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-pick-all]")) for (const box of boxes()) box.checked = event.target.checked;
  if (event.target.matches('[data-pick-all], [name="documents"]')) describePicked();
});
document.addEventListener("htmx:afterSwap", describePicked);
describePicked();
