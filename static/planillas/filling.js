// A planilla while it is filled: its counter goes up row by row, and when it is done the page becomes the grid.

const section = document.querySelector("[data-filling]");
const part = (name) => section.querySelector(`[data-${name}]`);

function timeLeft(seconds) {
  if (seconds === null || seconds === undefined) return "";
  const { leftS, leftMin, leftH } = section.dataset;
  if (seconds < 60) return leftS.replace("%d", Math.max(1, Math.round(seconds)));
  if (seconds < 3600) return leftMin.replace("%d", Math.round(seconds / 60));
  return leftH.replace("%d", Math.round(seconds / 3600));
}

// Rows are written in batches: between two, the counter walks instead of jumping.
let wanted = Number(part("rows").textContent.replace(/\D/g, ""));
let shown = wanted;
let isWalking = false;
function walk() {
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches || document.hidden || shown > wanted;
  shown = isStill ? wanted : Math.min(wanted, shown + Math.max(1, Math.ceil((wanted - shown) / 12)));
  part("rows").textContent = shown.toLocaleString("es");
  isWalking = shown !== wanted;
  if (isWalking) setTimeout(walk, 40);
}

function show(told) {
  if (!told.is_busy) {
    location.reload(); // the grid, or why it failed
    return;
  }
  wanted = told.rows;
  if (!isWalking) walk();
  part("share").value = Math.round(100 * told.share);
  part("stage").textContent = told.stage;
  part("eta").textContent = timeLeft(told.eta_s);
  part("found").textContent = told.found.toLocaleString("es");
  part("conflicts").textContent = told.conflicts.toLocaleString("es");
  part("sources-read").textContent = told.sources_read;
  part("waits").textContent = told.waits;
  part("waits").hidden = !told.waits;
}

let source = null;

function listen() {
  source?.close();
  source = new EventSource(section.dataset.eventsUrl);
  source.addEventListener("planilla", (event) => show(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    // CONNECTING: the browser tries again by itself. CLOSED: the server refused (a restart, say); try again later.
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 5000);
  });
}

listen();
// A page taken back from the browser's memory has a dead stream.
window.addEventListener("pageshow", (event) => event.persisted && listen());
window.addEventListener("pagehide", () => source?.close());
