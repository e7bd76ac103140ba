// Sending files: chosen or dropped anywhere on the page, two at a time, each with its row; nothing is lost on an error.

import { csrfToken, fromTemplate, problemDetail } from "./http.js";

const AT_ONCE = 2;

export class Uploads {
  #form;
  #list;
  #head;
  #rows = new Map(); // row element → {file, collection, label, state: waiting|sending|done|failed, request}
  #arrived;

  /** `arrived(id, duplicate)` is called when the server has a file. */
  constructor(form, arrived) {
    this.#form = form;
    this.#arrived = arrived;
    this.#list = document.getElementById("uploads");
    this.#head = document.getElementById("uploads-head");
    this.#listen();
  }

  #listen() {
    const input = this.#form.querySelector('input[type="file"]');
    input.addEventListener("change", () => {
      this.add([...input.files]);
      input.value = "";
    });
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.#list.addEventListener("click", (event) => {
      const row = event.target.closest(".upload-row");
      if (event.target.closest("[data-retry]")) this.#wait(row);
      if (event.target.closest("[data-drop]")) this.#drop(row);
    });
    this.#head.querySelector("[data-clear]").addEventListener("click", () => {
      for (const [row, one] of this.#rows) if (one.state === "done" || one.state === "failed") this.#drop(row);
    });
    this.#head.querySelector("[data-retry-all]").addEventListener("click", () => {
      for (const [row, one] of this.#rows) if (one.state === "failed" && one.again) this.#wait(row);
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.#count("waiting") + this.#count("sending")) event.preventDefault();
    });
  }

  add(files) {
    const collection = this.#form.querySelector('[name="collection"]').value;
    const label = this.#form.querySelector('[name="sensitivity"]').value;
    for (const file of files) {
      const row = fromTemplate("upload-row");
      row.querySelector("[data-name]").textContent = file.name;
      row.querySelector("[data-name]").title = file.name;
      this.#rows.set(row, { file, collection, label, state: "waiting", request: null, again: true });
      this.#list.append(row);
      const { maxBytes, tooBig, empty } = this.#form.dataset;
      if (file.size > Number(maxBytes)) this.#fail(row, tooBig, { again: false });
      else if (file.size === 0) this.#fail(row, empty, { again: false });
      else this.#wait(row);
    }
    this.#describe();
  }

  #wait(row) {
    this.#rows.get(row).state = "waiting";
    row.classList.remove("is-failed");
    row.querySelector("[data-retry]").hidden = true;
    row.querySelector("[data-state]").textContent = this.#form.dataset.waiting;
    row.querySelector("[data-progress]").value = 0;
    this.#advance();
  }

  #drop(row) {
    const one = this.#rows.get(row);
    this.#rows.delete(row);
    one.request?.abort();
    row.remove();
    this.#advance();
  }

  #count(state) {
    return [...this.#rows.values()].filter((one) => one.state === state).length;
  }

  #advance() {
    for (const [row, one] of this.#rows) {
      if (this.#count("sending") >= AT_ONCE) break;
      if (one.state === "waiting") this.#send(row, one);
    }
    this.#describe();
  }

  #send(row, one) {
    const state = row.querySelector("[data-state]");
    const bar = row.querySelector("[data-progress]");
    const body = new FormData();
    body.append("file", one.file);
    body.append("collection", one.collection);
    body.append("sensitivity", one.label);
    const request = new XMLHttpRequest(); // fetch cannot tell the share already sent
    one.state = "sending";
    one.request = request;
    request.open("POST", this.#form.dataset.uploadUrl);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      bar.value = Math.round((100 * event.loaded) / event.total);
      state.textContent = `${bar.value} %`;
    });
    request.addEventListener("load", () => this.#answered(row, one, request));
    request.addEventListener("error", () => this.#fail(row, this.#form.dataset.offline));
    request.addEventListener("timeout", () => this.#fail(row, this.#form.dataset.offline));
    request.send(body);
  }

  #answered(row, one, request) {
    let answer = null;
    if (request.status === 200 || request.status === 201) {
      try {
        answer = JSON.parse(request.responseText);
      } catch {
        answer = null; // a login page, say: the session ended
      }
    }
    if (!answer?.id) {
      const detail = problemDetail(request.responseText) ?? this.#form.dataset.refused;
      const again = request.status >= 500 || request.status === 429 || request.status === 409 || request.status < 400;
      this.#fail(row, detail, { again });
      return;
    }
    one.state = "done";
    row.classList.add("is-done");
    row.querySelector("[data-progress]").value = 100;
    row.querySelector("[data-state]").textContent = answer.duplicate ? this.#form.dataset.again : this.#form.dataset.sent;
    this.#arrived(answer.id, Boolean(answer.duplicate));
    this.#advance();
  }

  #fail(row, reason, { again = true } = {}) {
    const one = this.#rows.get(row);
    if (!one) return;
    one.state = "failed";
    one.again = again;
    row.classList.add("is-failed");
    row.querySelector("[data-state]").textContent = reason;
    row.querySelector("[data-retry]").hidden = !again;
    this.#list.prepend(row); // where it is seen
    this.#advance();
  }

  #describe() {
    const summary = this.#head.querySelector("[data-summary]");
    const open = this.#count("waiting") + this.#count("sending");
    const failed = this.#count("failed");
    const text = summary.dataset;
    this.#head.hidden = this.#rows.size === 0;
    if (open) summary.textContent = (open === 1 ? text.one : text.many).replace("%d", open);
    else summary.textContent = failed ? text.some.replace("%d", failed) : text.done;
    this.#head.querySelector("[data-clear]").hidden = open > 0;
    this.#head.querySelector("[data-retry-all]").hidden =
      [...this.#rows.values()].filter((one) => one.state === "failed" && one.again).length < 2;
  }
}

/** Let files be dropped anywhere on the page; `veil` shows while some are held over it. */
export function acceptDrops(veil, take) {
  let depth = 0; // dragenter and dragleave also fire for every child
  const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const show = (yes) => (veil.hidden = !yes);
  document.addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return;
    depth += 1;
    show(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (!carriesFiles(event)) return;
    depth = Math.max(0, depth - 1);
    show(depth > 0);
  });
  document.addEventListener("dragover", (event) => {
    if (carriesFiles(event)) event.preventDefault();
  });
  document.addEventListener("drop", async (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    show(false);
    take(await droppedFiles(event.dataTransfer));
  });
}

/** Every file of a drop, those inside dropped folders included. */
async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return [...transfer.files];
  const files = [];
  async function walk(entry) {
    if (entry.isFile) {
      files.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!batch.length) return;
      for (const child of batch) if (!child.name.startsWith(".")) await walk(child);
    }
  }
  for (const entry of entries) await walk(entry);
  return files;
}
