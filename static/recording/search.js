// Searching in what was said: accents and capitals do not matter.

const LEAST_CHARS = 2;

export class Search {
  #form;
  #field;
  #lines;
  #show;
  #hits = []; // {line, first, last} in order
  #current = -1;
  #later;

  /** `show(line)` brings a line into sight. */
  constructor(form, lines, show) {
    this.#form = form;
    this.#field = form.querySelector("input");
    this.#lines = lines;
    this.#show = show;
    this.#field.addEventListener("input", () => {
      clearTimeout(this.#later);
      this.#later = setTimeout(() => this.#search(), 200);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(this.#later);
      if (this.#asked !== this.#field.value) this.#search();
      else this.#go(1);
    });
    form.addEventListener("click", (event) => event.target.closest('[data-find="previous"]') && this.#go(-1));
    const opener = document.querySelector('[data-find="open"]');
    opener?.addEventListener("click", () => {
      const isOpen = opener.closest(".player").classList.toggle("is-finding");
      opener.setAttribute("aria-expanded", String(isOpen));
      if (isOpen) this.#field.focus();
    });
    this.#field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#clear();
      if (event.key === "Enter" && event.shiftKey) {
        event.preventDefault();
        this.#go(-1);
      }
    });
    lines.addEventListener("changed", () => this.#asked && this.#search({ stay: true }));
    document.addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.target.closest?.("input, textarea, select") || event.ctrlKey) return;
      event.preventDefault();
      this.#field.focus();
    });
  }

  #asked = "";

  /** Look for words that were asked for elsewhere. */
  begin(words) {
    const opener = document.querySelector('[data-find="open"]');
    opener?.closest(".player").classList.add("is-finding");
    opener?.setAttribute("aria-expanded", "true");
    this.#field.value = words;
    this.#search();
  }

  #search({ stay = false } = {}) {
    this.#asked = this.#field.value;
    const wanted = fold(this.#asked.trim());
    this.#forget();
    this.#hits = wanted.length < LEAST_CHARS ? [] : this.#lines.all.flatMap((line) => hitsIn(line, wanted));
    for (const { line, first, last } of this.#hits) {
      if (!this.#lines.marks.has(line.id)) this.#lines.marks.set(line.id, []);
      this.#lines.marks.get(line.id).push([first, last, false]);
    }
    for (const id of this.#lines.marks.keys()) this.#lines.mark(this.#lines.byId.get(id));
    const here = this.#hits.findIndex(({ line }) => line.element.getBoundingClientRect().bottom > 0);
    if (stay) this.#current = Math.min(this.#current, this.#hits.length - 1);
    else if (this.#hits.length) this.#go(0, Math.max(0, here));
    this.#tell(wanted.length >= LEAST_CHARS);
  }

  #go(step, from = this.#current) {
    if (!this.#hits.length) return;
    this.#set(this.#current, false);
    this.#current = (from + step + this.#hits.length) % this.#hits.length;
    this.#set(this.#current, true);
    this.#show(this.#hits[this.#current].line);
    this.#tell(true);
  }

  #set(n, isCurrent) {
    const hit = this.#hits[n];
    if (!hit) return;
    const mark = this.#lines.marks.get(hit.line.id)?.find(([first, last]) => first === hit.first && last === hit.last);
    if (mark) mark[2] = isCurrent;
    if (isCurrent) this.#lines.wrap(hit.line);
    this.#lines.mark(hit.line);
  }

  #tell(hasAsked) {
    const count = this.#form.querySelector("#find-count");
    const some = count.dataset.some.replace("%a", this.#current + 1).replace("%b", this.#hits.length);
    count.textContent = !hasAsked ? "" : this.#hits.length ? some : count.dataset.none;
    for (const button of this.#form.querySelectorAll("[data-find]")) button.disabled = !this.#hits.length;
  }

  #forget() {
    const before = [...this.#lines.marks.keys()];
    this.#lines.marks.clear();
    for (const id of before) if (this.#lines.byId.has(id)) this.#lines.mark(this.#lines.byId.get(id));
  }

  #clear() {
    this.#field.value = "";
    this.#current = -1;
    this.#search();
  }
}

function fold(text) {
  return text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/\s+/g, " ");
}

/** Where `wanted` stands in a line, by its words. */
function hitsIn(line, wanted) {
  const words = line.said.split(/\s+/).map(fold);
  const text = words.join(" ");
  const hits = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
    const first = text.slice(0, at).split(" ").length - 1;
    const last = text.slice(0, at + wanted.length).split(" ").length - 1;
    hits.push({ line, first, last });
  }
  return hits;
}
