// The page of one document in work: its progress, and what can be done with it once it is done.

import { Progress } from "./progress.js";

const main = document.getElementById("main");
const section = document.getElementById("documents");
let isBeingFilled = false; // by a person, whose words must not be taken away

const progress = new Progress(section, { replaceWith: "state" });
main.addEventListener("input", () => (isBeingFilled = true));

const watcher = new MutationObserver(() => {
  const { status } = section.querySelector("[data-document-id]").dataset;
  if (status === "queued" || status === "processing") return;
  watcher.disconnect();
  progress.stop();
  refresh();
});
watcher.observe(section, { attributes: true, subtree: true, attributeFilter: ["data-status"] });

/** Draw the page anew where it stands: loading it again would take its messages away before they were read. */
async function refresh() {
  const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const part = isBeingFilled || main.contains(document.activeElement) ? ".page-head" : "#main";
  const [old, now] = [document.querySelector(part), fresh.querySelector(part)];
  if (old && now) old.replaceChildren(...document.adoptNode(now).childNodes);
}
