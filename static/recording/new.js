// A new recording: a file that is chosen, or the microphone; and what this browser still holds of earlier ones.

import { fromTemplate } from "../http.js";
import * as kept from "./kept.js";
import { isPossible, Microphone } from "./microphone.js";
import { clock, lengthOf, send } from "./sending.js";

const form = document.getElementById("new-recording");
const input = form.querySelector('input[type="file"]');
const words = form.dataset;
const state = form.querySelector("[data-state]");
const bar = form.querySelector("[data-progress]");
const sendButton = form.querySelector("[data-send-file]");
const school = new URL(form.action).pathname.split("/")[2];
let seconds = null; // of the file that was chosen
let isBusy = false;

// --- what it will take ------------------------------------------------------------------------------------------------

const estimate = form.querySelector("[data-estimate]");
let asked = 0;

async function tellEstimate() {
  const mine = ++asked;
  const length = seconds === null ? (input.files.length ? words.noLength : "") : words.length.replace("%s", clock(seconds));
  const query = new URLSearchParams({ segundos: seconds ?? 3600, etiqueta: form.elements.sensitivity.value });
  let told = null;
  try {
    const answer = await fetch(`${words.estimateUrl}?${query}`, { credentials: "same-origin" });
    told = answer.ok ? await answer.json() : null;
  } catch {
    told = null; // no network: the upload itself will say so
  }
  if (mine !== asked || !told) return;
  estimate.textContent = [length, told.text].filter(Boolean).join(" ");
  estimate.classList.toggle("is-impossible", !told.is_possible);
}

input.addEventListener("change", async () => {
  const [file] = input.files;
  seconds = null;
  form.querySelector("[data-chosen]").textContent = file?.name ?? "";
  state.textContent = "";
  state.classList.remove("is-bad");
  if (!file) return;
  if (file.size > Number(words.maxBytes)) return refuse(words.tooBig);
  if (file.size === 0) return refuse(words.empty);
  const title = form.elements.title;
  if (!title.value) title.placeholder = file.name.replace(/\.[^.]*$/, "").replaceAll("_", " ");
  seconds = await lengthOf(file);
  tellEstimate();
});
form.elements.sensitivity.addEventListener("change", tellEstimate);
tellEstimate();

// --- sending ----------------------------------------------------------------------------------------------------------

function refuse(reason) {
  state.textContent = reason;
  state.classList.add("is-bad");
}

async function sendOne(file, { facts = {}, then = () => {} } = {}) {
  if (isBusy) return;
  isBusy = true;
  sendButton.disabled = true;
  bar.hidden = false;
  bar.value = 0;
  state.classList.remove("is-bad");
  try {
    const answer = await send(form, file, {
      facts,
      progress: (share) => {
        bar.value = share;
        state.textContent = words.sending.replace("%d", share);
      },
    });
    state.textContent = answer.duplicate ? words.again : words.sent;
    await then();
    isBusy = false;
    location.assign(answer.url);
  } catch (error) {
    refuse(error.message);
  } finally {
    isBusy = false;
    sendButton.disabled = false;
    bar.hidden = true;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const [file] = input.files;
  if (!file) {
    refuse(words.empty);
    input.focus();
  } else if (file.size <= Number(words.maxBytes) && file.size > 0) sendOne(file);
});

window.addEventListener("beforeunload", (event) => {
  if (isBusy || microphone) event.preventDefault();
});

// --- the microphone ---------------------------------------------------------------------------------------------------

const recorder = document.getElementById("recorder");
const part = (name) => recorder.querySelector(`[data-${name}]`);
let microphone = null;
let recording = null; // as kept.js holds it
let pieces = 0;
let keeping = Promise.resolve(); // one after another, in their order

recorder.hidden = false;
if (!isPossible()) {
  part("start").disabled = true;
  part("note").textContent = words.unsafe;
}

function named(type) {
  const now = new Date();
  const stamp = new Date(now - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 16).replace("T", " ").replace(":", ".");
  const ending = type.includes("mp4") ? "m4a" : type.includes("ogg") ? "ogg" : "webm";
  return `${words.recordingName.replace("%s", stamp)}.${ending}`;
}

function facts() {
  const names = ["title", "collection", "sensitivity", "language", "speakers"];
  return Object.fromEntries(names.map((name) => [name, form.elements[name].value]));
}

part("start").addEventListener("click", async () => {
  part("start").disabled = true;
  part("note").textContent = "";
  const made = new Microphone({
    piece: keepPiece,
    tick: ({ level, seconds: time }) => {
      part("level").value = level;
      part("time").textContent = clock(time);
    },
    broken: () => microphone && finish({ note: words.broken, sends: false }),
  });
  try {
    await made.start();
  } catch (error) {
    part("start").disabled = false;
    part("note").textContent = error.name === "NotFoundError" ? words.missing : words.denied;
    return;
  }
  microphone = made;
  pieces = 0;
  recording = { id: crypto.randomUUID(), school, name: named(made.type), type: made.type, startedAt: Date.now(), seconds: 0 };
  keeping = kept.begin(recording).catch(() => (part("note").textContent = words.full));
  recorder.classList.add("is-recording");
  part("start").hidden = true;
  part("pause").hidden = part("stop").hidden = false;
  part("stop").focus();
});

function keepPiece(blob) {
  recording.seconds = microphone?.seconds ?? recording.seconds;
  recording.facts = facts();
  const [mine, number] = [{ ...recording }, pieces++];
  keeping = keeping.then(() => kept.keep(mine, number, blob)).catch(() => (part("note").textContent = words.full));
}

part("pause").addEventListener("click", () => {
  if (microphone.isPaused) microphone.resume();
  else microphone.pause();
  const label = part("word");
  label.textContent = microphone.isPaused ? label.dataset.goOnWord : label.dataset.pauseWord;
  recorder.classList.toggle("is-paused", microphone.isPaused);
});

part("stop").addEventListener("click", () => finish({ note: "", sends: true }));

async function finish({ note, sends }) {
  const ending = microphone;
  microphone = null;
  await ending.stop();
  await keeping;
  const mine = recording;
  recorder.classList.remove("is-recording", "is-paused");
  part("start").hidden = part("start").disabled = false;
  part("pause").hidden = part("stop").hidden = true;
  part("note").textContent = note;
  await showKept();
  if (sends) sendOne(await kept.file(mine), { facts: facts(), then: () => kept.forget(mine.id) });
}

// --- what is still here -----------------------------------------------------------------------------------------------

const shelf = document.getElementById("kept");

async function showKept() {
  let found = [];
  try {
    found = await kept.all(school);
  } catch {
    found = []; // a private window keeps nothing
  }
  const rows = found.filter((one) => microphone === null || one.id !== recording?.id).map(draw);
  shelf.querySelector("[data-list]").replaceChildren(...rows);
  shelf.hidden = rows.length === 0;
}

function draw(one) {
  const row = fromTemplate("kept-row");
  const when = new Date(one.startedAt).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  row.querySelector("[data-name]").textContent = one.facts?.title || one.name;
  row.querySelector("[data-facts]").textContent = `${when} · ${clock(one.seconds)}`;
  row.querySelector("[data-send]").addEventListener("click", async () => {
    const then = () => kept.forget(one.id);
    sendOne(await kept.file(one), { facts: one.facts ?? {}, then });
  });
  row.querySelector("[data-listen]").addEventListener("click", async () => {
    const sound = row.querySelector("[data-sound]");
    sound.src = URL.createObjectURL(await kept.file(one));
    sound.hidden = false;
    sound.play();
  });
  row.querySelector("[data-save]").addEventListener("click", async () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await kept.file(one));
    link.download = one.name;
    link.click();
  });
  row.querySelector("[data-drop]").addEventListener("click", async () => {
    if (!window.confirm(words.drop)) return;
    await kept.forget(one.id);
    showKept();
  });
  return row;
}

showKept();
