// The live state of documents: one event stream for the page, told to every row that stands in it.

const FINAL = new Set(["ready", "partial", "failed", "cancelled"]);
const SILENCE_MS = 20_000;

export class Progress {
  #section;
  #source = null;
  #asked = new Map(); // document id → the state whose row was asked for
  #heardAt = new Map(); // document id → when its last event came

  #part;
  #asking;

  /**
   * `section` carries data-events-url and the words for the time left. `replaceWith`: when a state changes, take the whole
   * "row" from the server, or only its "state" where the page's row is not the library's.
   */
  constructor(section, { replaceWith = "row" } = {}) {
    this.#section = section;
    this.#part = replaceWith;
    this.#listen();
    this.#asking = setInterval(() => this.#askAfterSilent(), SILENCE_MS);
    // A page taken back from the browser's memory has a dead stream.
    window.addEventListener("pageshow", (event) => event.persisted && this.#listen());
    window.addEventListener("pagehide", () => this.#source?.close());
  }

  /** Listen no more. */
  stop() {
    clearInterval(this.#asking);
    this.#source?.close();
    this.#source = null;
  }

  #listen() {
    this.#source?.close();
    this.#source = new EventSource(this.#section.dataset.eventsUrl);
    this.#source.addEventListener("document", (event) => this.#show(JSON.parse(event.data)));
    this.#source.addEventListener("error", () => {
      // CONNECTING: the browser tries again by itself. CLOSED: the server refused (a restart, say); try again later.
      if (this.#source?.readyState === EventSource.CLOSED) setTimeout(() => this.#listen(), 5000);
    });
  }

  /** A message may be lost between a row's drawing and the stream's start: ask for busy rows that nothing was said about. */
  #askAfterSilent() {
    if (document.hidden) return;
    for (const row of document.querySelectorAll('[data-status="queued"], [data-status="processing"]')) {
      const heard = this.#heardAt.get(row.dataset.documentId) ?? 0;
      if (performance.now() - heard > SILENCE_MS) this.replace(row, "again");
    }
  }

  #show(state) {
    this.#heardAt.set(state.id, performance.now());
    const row = document.getElementById(`document-${state.id}`);
    if (!row) return;
    const stage = row.querySelector("[data-stage]");
    if (row.dataset.status !== state.status && (FINAL.has(state.status) || !stage || FINAL.has(row.dataset.status))) {
      this.replace(row, state.status);
      return;
    }
    row.dataset.status = state.status;
    if (!stage) return;
    stage.textContent = state.stage_label || state.status_label;
    row.querySelector("[data-eta]").textContent = this.#timeLeft(state.eta_s);
    row.querySelector("[data-progress]").value = Math.round(100 * (state.progress ?? 0));
    const waits = row.querySelector("[data-waits]");
    if (waits) {
      waits.textContent = state.waits ?? "";
      waits.hidden = !state.waits;
    }
  }

  #swapState(row, fresh) {
    row.dataset.status = fresh.dataset.status;
    const [old, now] = [row.querySelector(".state-busy, .badge"), fresh.querySelector(".state-busy, .badge")];
    if (old && now) old.replaceWith(now);
  }

  #timeLeft(seconds) {
    if (seconds === null || seconds === undefined) return "";
    const { leftS, leftMin, leftH } = this.#section.dataset;
    if (seconds < 60) return leftS.replace("%d", Math.max(1, Math.round(seconds)));
    if (seconds < 3600) return leftMin.replace("%d", Math.round(seconds / 60));
    return leftH.replace("%d", Math.round(seconds / 3600));
  }

  /** Ask the server for a row again: with the state, what can be done with the document changes too. */
  async replace(row, status) {
    const id = row.dataset.documentId;
    if (this.#asked.get(id) === status) return;
    this.#asked.set(id, status);
    try {
      const fresh = await fetchRow(row.dataset.rowUrl);
      if (fresh && this.#part === "row") swap(row, fresh);
      else if (fresh) this.#swapState(row, fresh);
    } finally {
      this.#asked.delete(id);
    }
  }
}

/** Put `fresh` in the place of `row` and keep what the person was doing there. */
export function swap(row, fresh) {
  const box = fresh.querySelector('[name="documents"]');
  if (box) box.checked = Boolean(row.querySelector('[name="documents"]')?.checked);
  const [was, is] = [row.querySelector("details.menu"), fresh.querySelector("details.menu")];
  const focused = was?.contains(document.activeElement);
  if (was?.open) is.open = true;
  row.replaceWith(fresh);
  if (focused) is.querySelector("summary").focus();
}

/** One row as the server draws it, or null when it is gone. */
export async function fetchRow(url) {
  const answer = await fetch(url, { headers: { "X-Requested-With": "XMLHttpRequest" }, credentials: "same-origin" });
  if (!answer.ok) return null;
  const holder = document.createElement("template");
  holder.innerHTML = (await answer.text()).trim(); // our own server's escaped markup; as a template no script in it runs
  return holder.content.querySelector("tr");
}
