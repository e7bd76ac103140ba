// The page of a recording: puts together its player, its transcript, and what a person may correct.

import { say as alert } from "../portal.js";
import { Actions } from "./actions.js";
import { Editor } from "./editor.js";
import { Lines } from "./lines.js";
import { Player } from "./player.js";
import { Search } from "./search.js";
import { makeTabs } from "./tabs.js";
import { Voices } from "./voices.js";
import { Wave } from "./wave.js";
import { Work } from "./work.js";

const page = document.getElementById("recording");
const { here, wordsUrl, peaksUrl, canChange, id } = page.dataset;
const duration = Number(page.dataset.duration);
const asked = new URLSearchParams(location.search);

const nav = document.getElementById("tabs");
const tabs = nav && makeTabs(nav);
const box = document.getElementById("player");
const list = document.getElementById("lines");
const voices = new Voices(here, JSON.parse(page.dataset.voices));
const player = box && new Player(box);
const wave = player && new Wave(document.getElementById("wave"), player, duration);
const lines = list && new Lines(list, voices.known, { canChange: Boolean(canChange) });
const editor = lines && canChange ? new Editor(lines, here, id) : null;

// On a phone the voices would stand before the transcript: there they wait folded.
if (matchMedia("(max-width: 61.99rem)").matches) document.getElementById("voices-box")?.removeAttribute("open");

if (player) wave.load(peaksUrl);
if (lines) {
  lines.load(wordsUrl);
  const find = document.getElementById("find");
  const search = find && new Search(find, lines, (line) => bringUp(line));
  const wanted = asked.get("buscar")?.trim();
  if (search && wanted) queueMicrotask(() => search.begin(wanted)); // the editor and the voices come first
}
if (lines && player) {
  wave.paint(lines.all);
  lines.addEventListener("changed", () => wave.paint(lines.all));
  followAlong();
}
if (editor) {
  voices.listen(lines);
  new Actions({ lines, voices, editor, here });
  editor.sendKept().then((sent) => sent && alert(document.getElementById("words-of-script").dataset.sent, "success"));
}
if (page.dataset.busy) new Work(page, () => Boolean(editor?.isOpen || document.querySelector("dialog[open]")));

// --- hearing ---------------------------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-seek]");
  if (!player || !button) return;
  event.preventDefault();
  player.seek(Number(button.dataset.seek), { play: true });
});

list?.addEventListener("click", (event) => {
  const word = event.target.closest(".w");
  if (!word || !player || !getSelection().isCollapsed) return;
  const line = lines.lineOf(word);
  player.seek(line.words[Number(word.dataset.n)][1], { play: true });
});

const from = seconds("t");
if (lines && from !== null) {
  tabs?.show("transcripcion");
  const to = seconds("hasta") ?? from + 0.5;
  const line = lines.cite(from, to);
  wave?.cite(from, to);
  player?.seek(from);
  if (line) bringUp(line);
}

function seconds(name) {
  const value = Number.parseFloat(asked.get(name) ?? "");
  return Number.isFinite(value) && value >= 0 ? value : null;
}

/** Bring a line into sight. Lines that were never drawn have a guessed height: look twice. */
function bringUp(line, { smooth = false } = {}) {
  const behavior = smooth && !matchMedia("(prefers-reduced-motion: reduce)").matches ? "smooth" : "instant";
  line.element.scrollIntoView({ block: "center", behavior });
  if (behavior === "instant") requestAnimationFrame(() => line.element.scrollIntoView({ block: "center", behavior }));
}

/** Keep what is spoken in sight, until the person scrolls away; a button takes it up again. */
function followAlong() {
  const button = box.querySelector('[data-player="follow"]');
  let isFollowing = true;
  const leave = () => {
    if (!player.isPlaying || !isFollowing) return;
    isFollowing = false;
    button.hidden = false;
  };
  const resume = () => {
    isFollowing = true;
    button.hidden = true;
    const line = lines.playing ?? lines.at(player.seconds);
    if (line) bringUp(line);
  };
  for (const name of ["wheel", "touchmove"]) window.addEventListener(name, leave, { passive: true });
  window.addEventListener("keydown", (event) => ["PageUp", "PageDown"].includes(event.key) && leave());
  player.addEventListener("follow", resume);
  player.addEventListener("tick", ({ detail: at }) => (at > 0 || player.isPlaying) && lines.follow(at));
  player.addEventListener("seek", () => {
    isFollowing = true;
    button.hidden = true;
  });
  // Who corrects a line hears it to its end, and not what comes after.
  let stopAt = Infinity;
  editor?.addEventListener("open", ({ detail: line }) => (stopAt = line.t1 + 0.4));
  player.addEventListener("seek", ({ detail: at }) => at > stopAt && (stopAt = Infinity));
  player.addEventListener("tick", ({ detail: at }) => {
    if (at < stopAt || !player.isPlaying) return;
    if (editor?.isOpen) player.sound.pause();
    stopAt = Infinity;
  });
  lines.addEventListener("line", (event) => {
    if (!isFollowing || !player.isPlaying || editor?.isOpen || list.closest("[hidden]")) return;
    const line = event.detail;
    const place = line.element.getBoundingClientRect();
    const [top, bottom] = [box.getBoundingClientRect().bottom + 40, innerHeight - 120];
    if (place.top < top || place.bottom > bottom) bringUp(line, { smooth: true });
  });
}
