// The page of one document in work: its progress, and the whole page again once it is done.

import { Progress } from "./progress.js";

const section = document.getElementById("documents");

new Progress(section, { replaceWith: "state" });
new MutationObserver(() => {
  const { status } = section.querySelector("[data-document-id]").dataset;
  if (status !== "queued" && status !== "processing") location.reload(); // what can be done with it has changed
}).observe(section, { attributes: true, subtree: true, attributeFilter: ["data-status"] });
