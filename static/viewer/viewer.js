// The PDF page of the portal: opens the file at the cited page, marks the quoted words, and serves the toolbar.

import { getDocument, GlobalWorkerOptions } from "../vendor/pdfjs/pdf.min.mjs";
import { Finder } from "./find.js";
import { Pages } from "./pages.js";

const frame = document.getElementById("viewer");
const { dataset } = frame;
const byId = (id) => document.getElementById(id);

GlobalWorkerOptions.workerSrc = dataset.workerUrl;

async function open() {
  const pdf = await getDocument({
    url: dataset.fileUrl,
    cMapUrl: dataset.cmapsUrl,
    cMapPacked: true,
    standardFontDataUrl: dataset.fontsUrl,
    wasmUrl: dataset.decodersUrl,
    useWasm: false, // the page's policy allows no compiling; the decoders in plain JavaScript do the same
    useSystemFonts: false,
    enableXfa: false,
  }).promise;
  const pages = new Pages(frame, pdf);
  await pages.open({ label: dataset.pageLabel });
  byId("viewer-wait").remove();
  frame.removeAttribute("aria-busy");

  const page = Math.min(pdf.numPages, Math.max(1, Number(dataset.page) || 1));
  const marks = pages.mark(page, JSON.parse(dataset.boxes || "[]"), dataset.markLabel);
  const showMark = () => {
    pages.show(page);
    if (marks.length) pages.reveal(marks[0]);
  };
  byId("show-mark")?.addEventListener("click", showMark);
  serveToolbar(pdf, pages);
  const finder = new Finder(pages, frame);
  if (!finder.isAt) showMark();
  serveKeys(pages);
}

function serveToolbar(pdf, pages) {
  const number = byId("page-number");
  const describe = () => {
    number.value = pages.current;
    const reading = document.querySelector("#read-page [name=pagina]");
    if (reading) reading.value = pages.current;
    byId("page-previous").disabled = pages.current === 1;
    byId("page-next").disabled = pages.current === pdf.numPages;
    byId("zoom-share").textContent = `${Math.round(pages.scale * 100)} %`;
    byId("zoom-fit").setAttribute("aria-pressed", String(pages.fits));
  };
  byId("page-count").textContent = pdf.numPages;
  for (const id of ["zoom-in", "zoom-out", "zoom-fit"]) byId(id).disabled = false;
  pages.addEventListener("page", describe);
  pages.addEventListener("scale", describe);
  byId("page-previous").addEventListener("click", () => pages.show(pages.current - 1));
  byId("page-next").addEventListener("click", () => pages.show(pages.current + 1));
  byId("zoom-in").addEventListener("click", () => pages.zoom(1.2));
  byId("zoom-out").addEventListener("click", () => pages.zoom(1 / 1.2));
  byId("zoom-fit").addEventListener("click", () => pages.fit());
  const go = () => {
    const wanted = Number.parseInt(number.value, 10);
    if (wanted >= 1 && wanted <= pdf.numPages) pages.show(wanted);
    describe();
  };
  number.addEventListener("change", go);
  byId("go").addEventListener("submit", (event) => {
    event.preventDefault();
    go();
  });
  number.addEventListener("focus", () => number.select());
  describe();
}

function serveKeys(pages) {
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowRight" || event.key === "n") pages.show(pages.current + 1);
    else if (event.key === "ArrowLeft" || event.key === "p") pages.show(pages.current - 1);
    else if (event.key === "+") pages.zoom(1.2);
    else if (event.key === "-") pages.zoom(1 / 1.2);
    else if (event.key === "0") pages.fit();
    else if (event.key === "Home") pages.show(1);
    else if (event.key === "End") pages.show(pages.views.length);
    else return;
    event.preventDefault();
  });
}

function explain(error) {
  if (error.name === "PasswordException") return dataset.locked;
  if (error.name === "InvalidPDFException") return dataset.broken;
  if (error.name === "ResponseException" || error.name === "MissingPDFException") {
    return error.missing || error.status === 404 || error.status === 403 ? dataset.gone : dataset.offline;
  }
  return error.name === "TypeError" || error.name === "UnknownErrorException" ? dataset.broken : dataset.offline;
}

open().catch((error) => {
  console.warn(error);
  byId("viewer-wait")?.remove();
  frame.hidden = true;
  byId("viewer-error").hidden = false;
  byId("viewer-error").querySelector("[data-text]").textContent = explain(error);
});
