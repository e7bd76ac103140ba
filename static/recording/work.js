// A recording that is being worked on: how far it is, live; then its page, without taking away what a person is doing.

export class Work {
  #page;
  #source;
  #isTaken;

  /** `isTaken()`: whether the person is in the middle of something that a new page would end. */
  constructor(page, isTaken) {
    this.#page = page;
    this.#isTaken = isTaken;
    this.#listen();
    window.addEventListener("pagehide", () => this.#source.close());
    window.addEventListener("pageshow", (event) => event.persisted && this.#listen());
  }

  #listen() {
    this.#source = new EventSource(this.#page.dataset.eventsUrl);
    this.#source.addEventListener("recording", (event) => this.#show(JSON.parse(event.data)));
    this.#source.addEventListener("error", () => {
      // CONNECTING: the browser tries again by itself. CLOSED: the server refused (a restart, say); try again later.
      if (this.#source.readyState === EventSource.CLOSED) setTimeout(() => this.#listen(), 5000);
    });
  }

  #show(state) {
    const box = document.getElementById("work");
    if (!state.is_busy) {
      this.#source.close();
      this.#finish();
    } else if (box) {
      box.querySelector("[data-stage]").textContent = state.stage_label || state.status_label;
      box.querySelector("[data-eta]").textContent = this.#timeLeft(state.eta_s);
      box.querySelector("[data-progress]").value = Math.round(100 * (state.progress ?? 0));
      box.querySelector("[data-waits]").textContent = state.waits ?? "";
      box.querySelector("[data-waits-note]").hidden = !state.waits;
    }
  }

  #finish() {
    const done = document.getElementById("work-done");
    if (!this.#isTaken()) location.reload();
    else if (done) done.hidden = false;
  }

  #timeLeft(seconds) {
    if (seconds === null || seconds === undefined) return "";
    const { leftS, leftMin, leftH } = this.#page.dataset;
    if (seconds < 60) return leftS.replace("%d", Math.max(1, Math.round(seconds)));
    if (seconds < 3600) return leftMin.replace("%d", Math.round(seconds / 60));
    return leftH.replace("%d", Math.round(seconds / 3600));
  }
}
