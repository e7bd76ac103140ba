// The readable page: brings the cited words, or the hit of a search, into sight.

import { serveField } from "./find.js";

const mark = document.getElementById("mark") ?? document.querySelector(".is-cited");
const toc = document.querySelector("[data-fold-on-phone]");
const hits = document.getElementById("hits");
const close = document.getElementById("find-close");

function showMark() {
  mark?.scrollIntoView({ block: "center", inline: "nearest" });
}

/** Bring an element into sight, and again while pictures above it arrive; until the reader moves the page. */
function hold(element, options) {
  const again = () => element.scrollIntoView(options);
  const stop = new AbortController();
  const { signal } = stop;
  for (const image of document.querySelectorAll(".sheet img")) {
    if (!image.complete) image.addEventListener("load", again, { signal });
  }
  for (const moved of ["wheel", "touchmove", "pointerdown", "keydown"]) {
    addEventListener(moved, () => stop.abort(), { passive: true, signal });
  }
  again();
}

if (toc && matchMedia("(max-width: 61.99rem)").matches) toc.open = false; // there it would push the text out of sight
document.fonts.ready.then(() => {
  const asked = location.hash && document.getElementById(location.hash.slice(1));
  if (asked) hold(asked, { block: "start", inline: "nearest" });
  else if (mark) hold(mark, { block: "center", inline: "nearest" });
});

const current = hits.querySelector("[aria-current]");
const list = current?.closest("ol");
if (list) list.scrollTop += current.getBoundingClientRect().top - list.getBoundingClientRect().top - list.clientHeight / 3;

const { form, show } = serveField((yes) => {
  if (!yes && !hits.hidden) location.assign(close.href); // the page without its marks
});
close.addEventListener("click", (event) => {
  event.preventDefault();
  show(false);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !form.hidden) show(false);
});

const button = document.getElementById("show-mark");
if (button) {
  button.hidden = !mark;
  button.addEventListener("click", showMark);
}
