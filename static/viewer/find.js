// Words looked for inside a document whose pages are shown: the server finds them, also in scans; here they are drawn.

import { drawBoxes } from "./marks.js";

const byId = (id) => document.getElementById(id);

/** Show or hide the field; `shown` is told which. Pressed again inside the field, Ctrl F is the browser's own. */
export function serveField(shown) {
  const form = byId("find");
  const field = byId("find-text");
  const show = (yes) => {
    form.hidden = !yes;
    if (yes) {
      field.focus();
      field.select();
    }
    shown(yes);
  };
  byId("find-open").addEventListener("click", (event) => {
    event.preventDefault();
    show(form.hidden);
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "f" && document.activeElement !== field) {
      event.preventDefault();
      show(true);
    }
  });
  return { form, field, show };
}

/** The moment when the page has been drawn with what was changed in it, and observers of sizes have been told. */
function laidOut() {
  return new Promise((resolve) => {
    requestAnimationFrame(() => requestAnimationFrame(resolve));
  });
}

export class Finder {
  #pages;
  #frame;
  #hits = []; // {link, page, boxes}
  #at = -1;
  #turn = 0;

  constructor(pages, frame) {
    this.#pages = pages;
    this.#frame = frame;
    const { form, field, show } = serveField((yes) => {
      if (!yes) this.#close();
    });
    let timer = 0;
    const search = () => this.#search(field.value);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(timer);
      search();
    });
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(search, 350);
    });
    byId("find-close").addEventListener("click", (event) => {
      event.preventDefault();
      show(false);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !form.hidden) show(false);
    });
    this.#take();
    if (this.#at >= 0) this.#go(this.#at);
  }

  /** Whether a hit was brought into sight. */
  get isAt() {
    return this.#at >= 0;
  }

  async #search(query) {
    const turn = ++this.#turn;
    const address = new URL(byId("find").action);
    address.searchParams.set("buscar", query.trim());
    const answer = await fetch(address, { credentials: "same-origin" });
    if (turn !== this.#turn || !answer.ok) return;
    // The panel as the server draws it for the plain page.
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const panel = page.getElementById("hits");
    if (turn !== this.#turn || !panel) return;
    const wasHidden = byId("hits").hidden;
    byId("hits").replaceWith(document.importNode(panel, true));
    history.replaceState(null, "", address);
    if (wasHidden !== panel.hidden) await laidOut(); // the pages become narrower, and move
    if (turn !== this.#turn) return;
    this.#take();
    const here = this.#hits.findIndex((hit) => hit.page >= this.#pages.current);
    if (this.#hits.length) this.#go(Math.max(0, here));
  }

  #close() {
    this.#turn += 1;
    byId("hits").hidden = true;
    byId("find-text").value = "";
    const address = new URL(location.href);
    for (const name of ["buscar", "hallazgo"]) address.searchParams.delete(name);
    history.replaceState(null, "", address);
    this.#hits = [];
    this.#at = -1;
    this.#paint();
    this.#frame.focus();
  }

  /** Read the hits off the panel, and make its links move this page. */
  #take() {
    const links = [...byId("hits").querySelectorAll("[data-page]")];
    this.#hits = links.map((link) => ({
      link,
      page: Number(link.dataset.page),
      boxes: JSON.parse(link.dataset.boxes),
    }));
    this.#at = links.findIndex((link) => link.hasAttribute("aria-current"));
    links.forEach((link, index) => {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.#go(index);
      });
    });
    for (const [id, by] of [["find-previous", -1], ["find-next", 1]]) {
      byId(id)?.addEventListener("click", (event) => {
        event.preventDefault();
        this.#go((this.#at + by + this.#hits.length) % this.#hits.length);
      });
    }
    this.#paint();
  }

  #go(index) {
    this.#at = index;
    const { link, page } = this.#hits[index];
    this.#hits.forEach((hit) => hit.link.removeAttribute("aria-current"));
    link.setAttribute("aria-current", "true");
    const list = link.closest("ol");
    list.scrollTop += link.getBoundingClientRect().top - list.getBoundingClientRect().top - list.clientHeight / 3;
    const count = byId("find-count");
    count.textContent = count.dataset.at.replace("%d", index + 1);
    this.#paint();
    this.#pages.show(page);
    const mark = this.#pages.views[page - 1]?.foundHolder.querySelector(".is-current");
    if (mark) this.#pages.reveal(mark);
  }

  #paint() {
    for (const view of this.#pages.views) {
      const mine = this.#hits.map((hit, index) => ({ ...hit, index })).filter((hit) => hit.page === view.number);
      drawBoxes(
        view.foundHolder,
        mine.map((hit) => hit.boxes),
        view.size,
        mine.findIndex((hit) => hit.index === this.#at),
      );
    }
  }
}
