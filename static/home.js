// The first page: the documents in work move on without a reload.

import { Progress } from "./progress.js";

new Progress(document.getElementById("documents"), { replaceWith: "state" });
