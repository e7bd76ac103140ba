// The pages one under the other; only those near the window are drawn.

import { TextLayer } from "../vendor/pdfjs/pdf.min.mjs";
import { drawMarks } from "./marks.js";

const MAX_CANVAS_PIXELS = 16_000_000; // phones refuse larger canvases
const NEAR = "800px 0px";

/** One page: its frame, and while it is near the window its picture and its selectable text. */
class PageView {
  #pdf;
  #task = null;
  #drawnScale = null;
  #hasText = false;

  constructor(pdf, number, size, label) {
    this.#pdf = pdf;
    this.number = number;
    this.size = size; // points, as shown
    this.near = false;
    this.element = document.createElement("section");
    this.element.className = "leaf";
    this.element.dataset.page = number;
    this.element.setAttribute("aria-label", label);
    this.canvas = null;
    this.textHolder = layer("textLayer");
    this.markHolder = layer("leaf-marks");
    this.foundHolder = layer("leaf-marks");
    this.element.append(this.markHolder, this.foundHolder, this.textHolder);
  }

  resize(scale) {
    this.element.style.width = `${Math.floor(this.size.width * scale)}px`;
    this.element.style.height = `${Math.floor(this.size.height * scale)}px`;
    this.element.style.setProperty("--total-scale-factor", scale);
    this.element.style.setProperty("--scale-round-x", "1px");
    this.element.style.setProperty("--scale-round-y", "1px");
  }

  /** Draw the page at a scale, unless it already is. */
  async draw(scale) {
    if (this.#drawnScale === scale) return;
    this.#task?.cancel();
    this.#drawnScale = scale;
    const page = await this.#pdf.getPage(this.number);
    if (this.#drawnScale !== scale) return;
    const viewport = page.getViewport({ scale });
    const most = Math.sqrt(MAX_CANVAS_PIXELS / (viewport.width * viewport.height));
    const density = Math.min(window.devicePixelRatio || 1, most);
    const canvas = document.createElement("canvas");
    canvas.width = Math.floor(viewport.width * density);
    canvas.height = Math.floor(viewport.height * density);
    canvas.setAttribute("aria-hidden", "true"); // the text layer is what a screen reader reads
    this.#task = page.render({
      canvas,
      viewport,
      transform: density === 1 ? null : [density, 0, 0, density, 0, 0],
    });
    try {
      await this.#task.promise;
    } catch (error) {
      if (error.name === "RenderingCancelledException") return;
      this.#drawnScale = null;
      throw error;
    }
    if (this.#drawnScale !== scale) return;
    this.canvas?.remove();
    this.canvas = canvas;
    this.element.prepend(canvas);
    if (!this.#hasText) await this.#layText(page, viewport);
  }

  async #layText(page, viewport) {
    const content = await page.getTextContent();
    const layer = new TextLayer({ textContentSource: content, container: this.textHolder, viewport });
    this.#hasText = true;
    await layer.render();
  }

  /** Give the memory back. */
  forget() {
    this.#task?.cancel();
    this.#drawnScale = null;
    if (this.canvas) this.canvas.width = this.canvas.height = 0; // Safari keeps the bitmap until then
    this.canvas?.remove();
    this.canvas = null;
    this.#hasText = false;
    this.textHolder.replaceChildren();
  }
}

function layer(name) {
  const element = document.createElement("div");
  element.className = name;
  return element;
}

/** All pages in their scrolling frame. */
export class Pages extends EventTarget {
  scale = 1;
  fits = true;
  current = 1;
  views = [];
  #frame;
  #pdf;
  #observer;

  constructor(frame, pdf) {
    super();
    this.#frame = frame;
    this.#pdf = pdf;
  }

  /** Lay out every page. The first page's size stands for all until each one's own is known. */
  async open({ label }) {
    const sizeOf = async (number) => {
      const { width, height } = (await this.#pdf.getPage(number)).getViewport({ scale: 1 });
      return { width, height };
    };
    const first = await sizeOf(1);
    this.views = Array.from(
      { length: this.#pdf.numPages },
      (_, index) => new PageView(this.#pdf, index + 1, first, label.replace("%d", index + 1)),
    );
    this.#frame.append(...this.views.map((view) => view.element));
    this.fit();
    for (let start = 0; start < this.views.length; start += 50) {
      const batch = this.views.slice(start, start + 50);
      const sizes = await Promise.all(batch.map((view) => sizeOf(view.number)));
      batch.forEach((view, index) => {
        view.size = sizes[index];
        view.resize(this.scale);
      });
    }
    this.fit();
    this.#observer = new IntersectionObserver((entries) => this.#moved(entries), { root: this.#frame, rootMargin: NEAR });
    for (const view of this.views) this.#observer.observe(view.element);
    this.#frame.addEventListener("scroll", () => this.#settle(), { passive: true });
    new ResizeObserver(() => this.fits && this.fit()).observe(this.#frame);
  }

  #moved(entries) {
    for (const entry of entries) {
      const view = this.views[Number(entry.target.dataset.page) - 1];
      view.near = entry.isIntersecting;
      if (view.near) view.draw(this.scale).catch((error) => console.warn(error));
      else view.forget();
    }
    this.#settle();
  }

  /** Find which page is being read: the last whose top is above the middle of the window. */
  #settle() {
    const middle = this.#frame.scrollTop + this.#frame.clientHeight / 2;
    let low = 0;
    let high = this.views.length - 1;
    while (low < high) {
      const half = (low + high + 1) >> 1;
      if (this.views[half].element.offsetTop <= middle) low = half;
      else high = half - 1;
    }
    if (this.views[low].number === this.current) return;
    this.current = this.views[low].number;
    this.dispatchEvent(new Event("page"));
  }

  /** The scale at which the widest page fills the frame. */
  fit() {
    const widest = Math.max(...this.views.map((view) => view.size.width));
    const room = this.#frame.clientWidth - (this.#frame.clientWidth < 600 ? 16 : 48);
    const wanted = Math.min(room / widest, 1.75);
    this.fits = true;
    this.#rescale(Math.max(0.2, Math.round(wanted * 1000) / 1000));
  }

  zoom(factor) {
    this.fits = false;
    this.#rescale(Math.min(4, Math.max(0.25, this.scale * factor)));
  }

  #rescale(scale) {
    if (scale === this.scale && this.views[0].element.style.width) return;
    const anchor = this.views[this.current - 1].element;
    const share = (this.#frame.scrollTop - anchor.offsetTop) / (anchor.offsetHeight || 1);
    this.scale = scale;
    for (const view of this.views) view.resize(scale);
    this.#frame.scrollTop = anchor.offsetTop + share * anchor.offsetHeight;
    for (const view of this.views) if (view.near) view.draw(scale).catch((error) => console.warn(error));
    this.dispatchEvent(new Event("scale"));
  }

  show(number) {
    const view = this.views[Math.min(this.views.length, Math.max(1, number)) - 1];
    this.#frame.scrollTop = view.element.offsetTop - 12;
    this.#settle();
  }

  mark(number, boxes, label) {
    const view = this.views[number - 1];
    return view && boxes.length ? drawMarks(view.markHolder, boxes, view.size, label) : [];
  }

  /** Bring a mark a third of the way down the window. */
  reveal(element) {
    const frame = this.#frame.getBoundingClientRect();
    const box = element.getBoundingClientRect();
    this.#frame.scrollTop += box.top - frame.top - frame.height / 3;
    if (box.left < frame.left || box.right > frame.right) this.#frame.scrollLeft += box.left - frame.left - 40;
    this.#settle();
  }
}
