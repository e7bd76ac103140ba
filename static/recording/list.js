// The list of recordings: how far each is, while it is worked on.

import { Progress } from "../progress.js";

const section = document.getElementById("recordings");
if (section) new Progress(section, { replaceWith: "state" });
