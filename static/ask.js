// The conversation: sending a question, showing the answer as it is written, stopping, trying again, opinions.

import { Answer } from "./answer.js";
import { fromTemplate, post, problemDetail } from "./http.js";
import { say } from "./portal.js";
import { SourcePanel } from "./sources.js";
import { readEvents } from "./stream.js";

const composer = document.getElementById("composer");
const field = document.getElementById("question");
const send = document.getElementById("send");
const stop = document.getElementById("stop");
const thread = document.getElementById("thread");
const messages = document.getElementById("messages");
const status = document.getElementById("ask-status");
const words = composer.dataset;

let running = null; // {controller, stopUrl} while an answer is being written

new SourcePanel(messages);

// --- the field -----------------------------------------------------------------------------------------------------------

function fit() {
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, 240)}px`;
}

field.addEventListener("input", fit);
field.addEventListener("keydown", (event) => {
  // On a touch keyboard there is no Shift + Enter: there Enter makes a line and the button sends.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || matchMedia("(pointer: coarse)").matches) return;
  event.preventDefault();
  composer.requestSubmit(send);
});

const day = composer.querySelector('[name="at_date"]');

/** The day as staff write it: 2025-03-10 is 10/03/2025. */
function onPaper(iso) {
  return iso.split("-").reverse().join("/");
}

function showDay() {
  const label = composer.querySelector("[data-as-of]");
  label.textContent = day.value ? label.dataset.day.replace("%s", onPaper(day.value)) : label.dataset.today;
}

day.addEventListener("change", showDay);

composer.addEventListener("change", (event) => {
  if (event.target.name !== "collections") return;
  const picked = composer.querySelectorAll('[name="collections"]:checked');
  const label = composer.querySelector("[data-scope]");
  if (picked.length === 0) label.textContent = words.everywhere;
  else if (picked.length === 1) label.textContent = picked[0].parentElement.textContent.trim();
  else label.textContent = words.some.replace("%d", picked.length);
});

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = (event.submitter?.dataset.example !== undefined ? event.submitter.value : field.value).trim();
  if (!text || running) {
    field.focus();
    return;
  }
  field.value = "";
  fit();
  document.getElementById("ask-empty")?.remove();
  const question = fromTemplate("question-template");
  question.querySelector("[data-body]").textContent = text;
  if (day.value) {
    const asOf = question.querySelector("[data-as-of-label]");
    asOf.textContent = asOf.dataset.asOfLabel.replace("%s", onPaper(day.value));
    asOf.hidden = false;
  }
  messages.append(question);
  ask({ text, ...wishes() });
});

// What was understood wrongly is asked again as the person puts it.
messages.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-correct]");
  if (!form) return;
  event.preventDefault();
  if (running) return;
  const given = new FormData(form);
  form.closest("details").open = false;
  const question = fromTemplate("question-template");
  question.querySelector("[data-body]").textContent = given.get("text");
  messages.append(question);
  const picked = given.getAll("collections");
  ask({
    text: given.get("text"),
    standalone_question: given.get("standalone_question"),
    at_date: given.get("at_date") ?? undefined,
    prompt_id: given.get("prompt_id") ?? undefined,
    prompt_values: valuesIn(form),
    is_private: given.has("is_private"),
    collections: picked.length ? picked : undefined,
  });
});

/** What the composer asks for beside the question. */
function wishes() {
  return {
    collections: pickedCollections(),
    at_date: day.value || undefined,
    prompt_id: composer.querySelector('[name="prompt_id"]')?.value || undefined,
    prompt_values: valuesIn(composer.querySelector("[data-values-of]:not([hidden])")),
    is_private: composer.querySelector('[name="is_private"]')?.checked ?? false,
  };
}

/** What stands for the variables of the instruction: {name: value}. */
function valuesIn(part) {
  const given = [...(part?.querySelectorAll("[data-variable]") ?? [])];
  return given.length ? Object.fromEntries(given.map((input) => [input.dataset.variable, input.value])) : undefined;
}

const instruction = composer.querySelector('[name="prompt_id"]');

function showVariables() {
  for (const each of composer.querySelectorAll("[data-values-of]")) {
    each.hidden = each.disabled = each.dataset.valuesOf !== instruction?.value;
  }
}

instruction?.addEventListener("change", showVariables);
showVariables();

// --- one question --------------------------------------------------------------------------------------------------------

async function ask(question) {
  const answer = new Answer(messages, words);
  const controller = new AbortController();
  const again = () => {
    answer.element.remove();
    ask(question);
  };
  running = { controller, stopUrl: null };
  showRunning(true);
  scrollDown(true);
  status.textContent = words.searching;
  try {
    const response = await post(words.messagesUrl, {
      body: JSON.stringify(question),
      headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
      signal: controller.signal,
    });
    if (!response.ok || !response.headers.get("Content-Type")?.startsWith("text/event-stream")) {
      answer.fail(problemDetail(await response.text()) ?? words.failed, again);
      status.textContent = words.failed;
      return;
    }
    const ended = await follow(response, answer, again);
    if (!ended) {
      answer.fail(words.cut, again);
      status.textContent = words.cut;
    }
  } catch (error) {
    if (controller.signal.aborted) {
      answer.stop();
      status.textContent = words.stopped;
    } else {
      answer.fail(words.cut, again);
      status.textContent = words.cut;
      console.warn(error);
    }
  } finally {
    running = null;
    showRunning(false);
    scrollDown();
  }
}

/** Show every event of the answer; true when it came to its end. */
async function follow(response, answer, again) {
  for await (const { event, data } of readEvents(response)) {
    const near = isNearEnd();
    if (data.stop_url) running.stopUrl = data.stop_url;
    if (data.conversation) nameConversation(data.conversation);
    if (event === "understood") answer.understood(data.text);
    if (event === "sources") answer.stage(words.reading);
    if (event === "token") {
      if (answer.isEmpty) status.textContent = words.writing;
      answer.write(data.text);
    }
    if (event === "citation") answer.cite(data);
    if (event === "error") {
      answer.fail(data.detail ?? words.failed, again, data.html);
      status.textContent = data.detail ?? words.failed;
      if (near) scrollDown(true);
      return true;
    }
    if (event === "done") {
      answer.finish(data.html);
      status.textContent = words.ready;
      if (near) scrollDown(true);
      return true;
    }
    if (near) scrollDown(true);
  }
  return false;
}

function pickedCollections() {
  const picked = [...composer.querySelectorAll('[name="collections"]:checked')].map((box) => box.value);
  return picked.length ? picked : undefined;
}

stop.addEventListener("click", () => {
  if (!running) return;
  if (running.stopUrl) post(running.stopUrl).catch(() => {}); // the closed stream tells the server too
  running.controller.abort();
});

function showRunning(yes) {
  send.hidden = yes;
  stop.hidden = !yes;
  if (!yes && !matchMedia("(pointer: coarse)").matches) field.focus({ preventScroll: true });
}

function isNearEnd() {
  return thread.scrollHeight - thread.scrollTop - thread.clientHeight < 120;
}

function scrollDown(now = false) {
  if (now || isNearEnd()) thread.scrollTop = thread.scrollHeight;
}

// --- a new conversation takes its name and address -----------------------------------------------------------------------

function nameConversation(conversation) {
  words.messagesUrl = conversation.messages_url;
  composer.action = conversation.messages_url;
  if (location.pathname !== conversation.url) history.replaceState(null, "", conversation.url);
  const title = document.getElementById("conversation-title");
  title.textContent = conversation.title;
  title.title = conversation.title;
  document.title = `${conversation.title} · Preceptor`;
  for (const list of document.querySelectorAll("[data-conversations]")) {
    list.querySelector(".conversations-none")?.remove();
    const known = [...list.querySelectorAll("a")].find((link) => link.pathname === conversation.url);
    const item = known?.closest("li") ?? fromTemplate("conversation-template");
    for (const link of list.querySelectorAll("[aria-current]")) link.removeAttribute("aria-current");
    item.querySelector("a").href = conversation.url;
    item.querySelector("a").setAttribute("aria-current", "page");
    item.querySelector(".ellipsis").textContent = conversation.title;
    list.prepend(item);
  }
}

// --- opinions --------------------------------------------------------------------------------------------------------------

messages.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-feedback]");
  if (!form) return;
  event.preventDefault();
  const button = event.submitter;
  const value = button.getAttribute("aria-pressed") === "true" ? "" : button.value;
  const response = await post(form.action, { body: new URLSearchParams({ value }), headers: { Accept: "application/json" } }).catch(() => null);
  if (!response?.ok) {
    say(words.failed, "danger");
    return;
  }
  for (const one of form.querySelectorAll("button")) one.setAttribute("aria-pressed", String(one.value === value));
  if (value) say(form.dataset.thanks, "success");
});

fit();
showDay();
scrollDown(true);
