// What the grid asks of our server, and how it says no.

import { post } from "../http.js";

/** The server said no: `status`, `code`, `problem` whole and, for staff, `message`. */
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.detail ?? "");
    this.status = status;
    this.code = problem.code ?? "";
    this.problem = problem;
  }
}

/** Nobody answered: no connection, a server that is being restarted, or one where one has to log in again. */
export class Unreached extends Error {}

/** Send JSON; return the JSON of the answer, or throw one of the above. */
export async function send(url, body) {
  let answer;
  try {
    answer = await post(url, { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
  } catch (error) {
    throw new Unreached(String(error));
  }
  const media = answer.headers.get("Content-Type") ?? "";
  if (answer.ok && media.startsWith("application/json")) return answer.json();
  if (answer.redirected || answer.ok) throw new Unreached("login");
  if (answer.status >= 500 || answer.status === 429) throw new Unreached(String(answer.status));
  throw new Refusal(answer.status, media.includes("json") ? await answer.json() : {});
}
