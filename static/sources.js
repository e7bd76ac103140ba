// The panel beside the conversation that shows what a citation quotes, and where.

export class SourcePanel {
  #panel = document.getElementById("source-panel");
  #opener = null;
  #links = [];
  #index = 0;

  constructor(container) {
    container.addEventListener("click", (event) => this.#clicked(event));
    this.#panel.querySelector("[data-close]").addEventListener("click", () => this.close());
    for (const button of this.#panel.querySelectorAll("[data-step]")) {
      button.addEventListener("click", () => this.#show(this.#index + Number(button.dataset.step)));
    }
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !this.#panel.hidden) this.close();
    });
  }

  #clicked(event) {
    const chip = event.target.closest("a.cite, a.source");
    if (!chip || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const links = [...chip.closest(".message").querySelectorAll("a.source")];
    const index = chip.matches(".source") ? links.indexOf(chip) : sourceOf(chip, links);
    if (index < 0) return; // its source has not come yet: the link itself leads there
    event.preventDefault();
    this.#opener = chip;
    this.#links = links;
    this.#show(index);
    this.#panel.focus({ preventScroll: true });
  }

  #show(index) {
    const { n, title, place, kind, quote, verified } = this.#links[index].dataset;
    const set = (name, text) => (this.#panel.querySelector(`[data-${name}]`).textContent = text);
    this.#index = index;
    set("n", n);
    set("title", title);
    set("place", place);
    set("quote", quote);
    set("position", `${index + 1} / ${this.#links.length}`);
    this.#panel.querySelector(".source-quote").hidden = !quote;
    this.#panel.querySelector("[data-verified]").hidden = !verified;
    this.#panel.querySelector("[data-unverified]").hidden = Boolean(verified);
    const open = this.#panel.querySelector("[data-open-text]");
    const isHeard = kind === "time";
    this.#panel.classList.toggle("is-heard", isHeard);
    const check = this.#panel.querySelector("[data-check]");
    check.textContent = isHeard ? check.dataset.heard : check.dataset.read;
    const named = /^(página|hoja|diapositiva)\s/i.test(place); // "Abrir en la página 3"
    if (isHeard) open.textContent = `${open.dataset.hear} ${place.split(" ").at(-1)}`; // "Escuchar desde 12:04"
    else if (named) open.textContent = `${open.dataset.there} ${place.charAt(0).toLowerCase()}${place.slice(1)}`;
    else open.textContent = open.dataset.plain;
    this.#panel.querySelector("[data-open]").href = this.#links[index].href;
    this.#panel.querySelector('[data-step="-1"]').disabled = index === 0;
    this.#panel.querySelector('[data-step="1"]').disabled = index === this.#links.length - 1;
    this.#panel.querySelector(".source-steps").hidden = this.#links.length < 2;
    this.#panel.hidden = false;
  }

  close() {
    this.#panel.hidden = true;
    this.#opener?.focus({ preventScroll: true });
  }
}

/** A source may be quoted several times under one number: the second chip of a number means its second quote. */
function sourceOf(chip, links) {
  const { n } = chip.dataset;
  const same = links.filter((link) => link.dataset.n === n);
  const chips = [...chip.closest(".message").querySelectorAll(`.rich a.cite[data-n="${CSS.escape(n)}"]`)];
  return links.indexOf(same[Math.min(chips.indexOf(chip), same.length - 1)]);
}
