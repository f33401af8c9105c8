// What all peers share: their words on the command line, the side door by which the benchmark looks in, and waiting.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

/** Reads `COMMAND [FILE] --data DIR [--server URL] [--certificate FILE] [--batch N] [--patch]`. */
export function words() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      data: { type: "string" },
      server: { type: "string" },
      certificate: { type: "string" },
      batch: { type: "string" },
      patch: { type: "boolean", default: false },
    },
  });
  mkdirSync(values.data, { recursive: true });
  const [command, file] = positionals;
  const rows = file ? JSON.parse(readFileSync(file, "utf8")) : [];
  return { ...values, command, rows, batch: values.batch && Number(values.batch) };
}

/** Tells what a side holds, so that two sides can be compared: how many complaints, and a hash of all they say. */
export function stateOf(rows) {
  const canonical = rows.map((row) => JSON.stringify(ordered(row))).sort();
  return { documents: rows.length, digest: createHash("sha256").update(canonical.join("\n")).digest("hex") };
}

function ordered(value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, ordered(value[key])]));
}

/** Merges a patch into a value, as RFC 7396 has it; nothing is removed here. */
export function merged(value, patch) {
  if (patch === null || typeof patch !== "object" || Array.isArray(patch)) return patch;
  const result = { ...value };
  for (const [key, inner] of Object.entries(patch)) result[key] = merged(result[key], inner);
  return result;
}

/** Opens the side door of a server, by which one asks or edits past the proxy that counts, or of a client that stays. */
export function openSideDoor({ count, rows, edit, sync }) {
  const answers = {
    count: () => count(),
    state: async () => stateOf(await rows()),
    edit: async (file) => (await edit(JSON.parse(readFileSync(file, "utf8")))) ?? null,
    sync: async () => (await sync()) ?? null,
  };
  // A line asks, and a line answers.
  const answer = ([word, file]) => answers[word](file);
  const door = createServer((socket) => {
    createInterface(socket).on("line", async (line) => {
      socket.end(`${JSON.stringify(await answer(line.split(" ")))}\n`);
    });
  });
  return listen(door, "side door at ", "tcp");
}

/** Takes requests at a free port of this machine, and says where. */
export function listen(server, says = "listening on ", scheme = "http") {
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      console.log(`${says}${scheme}://127.0.0.1:${server.address().port}`);
      resolve();
    }),
  );
}

export async function readAll(stream) {
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** How long a client waits after a connection broke, in milliseconds: what every peer of the benchmark waits. */
const RETRY_MILLIS = 200;

export const pause = (millis = RETRY_MILLIS) => new Promise((resolve) => setTimeout(resolve, millis));

/** Tries again until it comes through; the benchmark ends a process that never does. */
export async function insist(attempt) {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      console.error(`again, for ${error.message}`);
      await pause();
    }
  }
}
