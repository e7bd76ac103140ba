// One recording on its way to the server; what fails can be sent again.

import { csrfToken, problemDetail } from "../http.js";

/** Send `file` with the form's fields; resolve to the server's answer, reject with an Error in words for staff. */
export function send(form, file, { facts = {}, progress }) {
  const body = new FormData(form);
  body.set("file", file, file.name);
  for (const [name, value] of Object.entries(facts)) body.set(name, value);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch cannot tell the share already sent
    request.open("POST", form.action);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) progress(Math.round((100 * event.loaded) / event.total));
    });
    request.addEventListener("load", () => {
      let answer = null;
      try {
        answer = JSON.parse(request.responseText);
      } catch {
        answer = null; // a login page, say: the session ended
      }
      if (request.status < 300 && answer?.id) resolve(answer);
      else reject(new Error(problemDetail(request.responseText) ?? form.dataset.refused));
    });
    request.addEventListener("error", () => reject(new Error(form.dataset.offline)));
    request.addEventListener("abort", () => reject(new Error(form.dataset.offline)));
    request.send(body);
  });
}

/** The length of a sound or video file in seconds, or null where the browser cannot tell. */
export function lengthOf(file) {
  return new Promise((resolve) => {
    const media = document.createElement("video");
    const address = URL.createObjectURL(file);
    const end = (seconds) => {
      URL.revokeObjectURL(address);
      resolve(Number.isFinite(seconds) && seconds > 0 ? seconds : null);
    };
    media.preload = "metadata";
    media.addEventListener("loadedmetadata", () => end(media.duration));
    media.addEventListener("error", () => end(null));
    media.src = address;
  });
}

/** Seconds as people say them: 3:05, 1:02:03. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const pair = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${pair(minutes)}:${pair(whole % 60)}` : `${minutes}:${pair(whole % 60)}`;
}
