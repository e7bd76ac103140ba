// The readable page: brings the cited words into sight.

const mark = document.getElementById("mark");
const toc = document.querySelector("[data-fold-on-phone]");

function showMark() {
  mark?.scrollIntoView({ block: "center" });
}

if (toc && matchMedia("(max-width: 61.99rem)").matches) toc.open = false; // there it would push the text out of sight
if (mark && !location.hash) document.fonts.ready.then(showMark);

const button = document.getElementById("show-mark");
if (button) {
  button.hidden = !mark;
  button.addEventListener("click", showMark);
}
