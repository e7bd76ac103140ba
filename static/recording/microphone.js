// The browser's microphone: a recording in pieces of a few seconds, with its level and its time.

const PIECE_MS = 4000;
const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus", "audio/webm"];

export function isPossible() {
  return Boolean(window.isSecureContext && navigator.mediaDevices?.getUserMedia && window.MediaRecorder);
}

export class Microphone {
  #stream;
  #recorder;
  #audio;
  #analyser;
  #lock = null;
  #frame = 0;
  #before = 0; // milliseconds recorded before the last pause
  #since = null;

  /** Told of each piece, of level (0–100) and seconds on every frame, and of an end that nobody asked for. */
  constructor({ piece, tick, broken }) {
    this.told = { piece, tick, broken };
  }

  get type() {
    return this.#recorder.mimeType;
  }

  get isPaused() {
    return this.#recorder?.state === "paused";
  }

  get seconds() {
    return (this.#before + (this.#since === null ? 0 : performance.now() - this.#since)) / 1000;
  }

  async start() {
    this.#stream = await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: false, noiseSuppression: true, autoGainControl: true },
    });
    const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
    this.#recorder = new MediaRecorder(this.#stream, { mimeType, audioBitsPerSecond: 48_000 });
    this.#recorder.addEventListener("dataavailable", (event) => event.data.size && this.told.piece(event.data));
    this.#recorder.addEventListener("error", () => this.told.broken());
    // Somebody pulled the plug, or took the permission back.
    this.#stream.getAudioTracks()[0].addEventListener("ended", () => this.told.broken());
    this.#audio = new AudioContext();
    this.#analyser = this.#audio.createAnalyser();
    this.#analyser.fftSize = 1024;
    this.#audio.createMediaStreamSource(this.#stream).connect(this.#analyser);
    this.#recorder.start(PIECE_MS);
    this.#since = performance.now();
    this.#watch();
    this.#stayAwake();
  }

  pause() {
    this.#recorder.pause();
    this.#before += performance.now() - this.#since;
    this.#since = null;
  }

  resume() {
    this.#recorder.resume();
    this.#since = performance.now();
  }

  /** End, and return when the last piece was told. */
  async stop() {
    const ended = new Promise((resolve) => this.#recorder.addEventListener("stop", resolve, { once: true }));
    if (this.#recorder.state !== "inactive") {
      this.#recorder.stop();
      await ended;
    }
    if (this.#since !== null) this.#before += performance.now() - this.#since;
    this.#since = null;
    cancelAnimationFrame(this.#frame);
    for (const track of this.#stream.getTracks()) track.stop();
    await this.#audio.close();
    await this.#lock?.release().catch(() => {});
  }

  #watch() {
    const samples = new Uint8Array(this.#analyser.fftSize);
    const look = () => {
      this.#analyser.getByteTimeDomainData(samples);
      let loudest = 0;
      for (const sample of samples) loudest = Math.max(loudest, Math.abs(sample - 128));
      this.told.tick({ level: this.isPaused ? 0 : Math.min(100, Math.round((100 * loudest) / 90)), seconds: this.seconds });
      this.#frame = requestAnimationFrame(look);
    };
    look();
  }

  /** A screen that goes dark stops the microphone of some phones. */
  async #stayAwake() {
    try {
      this.#lock = await navigator.wakeLock?.request("screen");
    } catch {
      this.#lock = null; // the battery is low, or the browser does not know it
    }
  }
}
