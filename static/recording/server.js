// What a recording's page asks of our server, and how it says no.

import { post } from "../http.js";

/** The server said no: `status`, `code` and, for staff, `message`. */
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.detail ?? "");
    this.status = status;
    this.code = problem.code ?? "";
    this.segment = problem.segment ?? null; // what it says now, where somebody else changed it
  }
}

/** Nobody answered: no connection, or a server that is being restarted. What was asked for may be asked again. */
export class Unreached extends Error {}

/** The session ended: the answer is the page where one logs in. */
export class LoggedOut extends Unreached {}

/** Send a form; return the JSON of the answer, or throw one of the above. */
export async function send(url, fields) {
  let answer;
  try {
    answer = await post(url, { body: new URLSearchParams(fields) });
  } catch (error) {
    throw new Unreached(String(error));
  }
  const media = answer.headers.get("Content-Type") ?? "";
  if (answer.ok && media.startsWith("application/json")) return answer.json();
  if (answer.redirected || answer.ok) throw new LoggedOut("");
  if (answer.status >= 500 || answer.status === 429) throw new Unreached(String(answer.status));
  throw new Refusal(answer.status, media.includes("json") ? await answer.json() : {});
}

/** A page's fragment, as text; throws when it does not come. */
export async function fetchText(url) {
  const answer = await fetch(url, { credentials: "same-origin", headers: { "X-Requested-With": "XMLHttpRequest" } });
  if (!answer.ok || answer.redirected) throw new Unreached(String(answer.status));
  return answer.text();
}

/** Seconds as a player shows them. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const tail = `:${String(rest).padStart(2, "0")}`;
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}${tail}` : `${minutes}${tail}`;
}

/** A sentence of the template with a name put in for %s. */
export function say(words, name) {
  return (words ?? "").replace("%s", () => name);
}
