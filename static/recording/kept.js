// Recordings that are not on the server yet, piece by piece in this browser, so that a crash or a cut costs seconds.

const NAME = "preceptor-recordings";

function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.addEventListener("upgradeneeded", () => {
      asked.result.createObjectStore("recordings", { keyPath: "id" });
      asked.result.createObjectStore("pieces", { keyPath: ["recording", "number"] });
    });
    asked.addEventListener("success", () => resolve(asked.result));
    asked.addEventListener("error", () => reject(asked.error));
  });
}

async function within(stores, mode, work) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(stores, mode);
      const asked = work(...stores.map((name) => transaction.objectStore(name)));
      transaction.addEventListener("complete", () => resolve(asked?.result));
      transaction.addEventListener("abort", () => reject(transaction.error));
      transaction.addEventListener("error", () => reject(transaction.error));
    });
  } finally {
    database.close();
  }
}

const piecesOf = (id) => IDBKeyRange.bound([id, 0], [id, Infinity]);

/** Begin a recording: {id, school, name, type, startedAt, seconds, facts}. */
export function begin(recording) {
  return within(["recordings"], "readwrite", (recordings) => recordings.put(recording));
}

/** Keep one more piece, and how long the recording is by now. */
export function keep(recording, number, blob) {
  return within(["recordings", "pieces"], "readwrite", (recordings, pieces) => {
    pieces.put({ recording: recording.id, number, blob });
    recordings.put({ ...recording });
  });
}

/** What this browser holds of a school, oldest first. */
export async function all(school) {
  const found = await within(["recordings"], "readonly", (recordings) => recordings.getAll());
  return found.filter((one) => one.school === school).sort((a, b) => a.startedAt - b.startedAt);
}

/** A recording whole, as a file. */
export async function file(recording) {
  const pieces = await within(["pieces"], "readonly", (store) => store.getAll(piecesOf(recording.id)));
  return new File(pieces.map((piece) => piece.blob), recording.name, { type: recording.type });
}

/** Forget a recording and its pieces. */
export function forget(id) {
  return within(["recordings", "pieces"], "readwrite", (recordings, pieces) => {
    recordings.delete(id);
    pieces.delete(piecesOf(id));
  });
}
