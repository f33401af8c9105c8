// JSON over REST under gzip, as somebody careful would write it: one request carries what is new, and brings what is new.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { insist, listen, openSideDoor, readAll, stateOf, words } from "./peer.js";

/** Rows in one request or reply, unless said otherwise. */
const ROWS = 1000;
/** Any real interface knows who asks. */
const TOKEN = "Bearer 4f0c1d2e3b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978";

const said = words();
await { serve, load, edit, sync, state }[said.command]();

/** `POST /complaints?since=S&limit=N` with a gzipped array of rows; the reply is `{sequence, rows}` under gzip. */
async function serve() {
  const held = new Map();
  let sequence = 0;
  const journal = openSync(join(said.data, "journal.ndjson"), "a");
  const take = (rows, from) => {
    for (const row of rows) held.set(row.id, { row: { ...held.get(row.id)?.row, ...row }, from, at: ++sequence });
    if (!rows.length) return;
    writeSync(journal, JSON.stringify(rows) + "\n");
    // Nothing is said before it is durable, as at the hub.
    fsyncSync(journal);
  };
  await openSideDoor({
    count: async () => held.size,
    rows: async () => [...held.values()].map(({ row }) => row),
    edit: async (edits) => take(said.patch ? edits : edits.map((row) => ({ ...held.get(row.id).row, ...row })), "hub"),
  });
  const server = http.createServer(async (request, response) => {
    try {
      if (request.headers.authorization !== TOKEN) return response.writeHead(401).end();
      const body = await readAll(request);
      take(body.length ? JSON.parse(gunzipSync(body)) : [], "office");
      const query = new URL(request.url, "http://hub").searchParams;
      const since = Number(query.get("since"));
      // What a client brought is not sent back to it.
      const news = [...held.values()].filter(({ from, at }) => from === "hub" && at > since).sort((a, b) => a.at - b.at);
      const page = news.slice(0, Number(query.get("limit")));
      const reached = page.length < news.length ? page.at(-1).at : sequence;
      const rows = page.map(({ row }) => (said.patch ? { id: row.id, note: row.note } : row));
      const reply = JSON.stringify(rows.length ? { sequence: reached, more: page.length < news.length, rows } : { sequence: reached });
      const packed = rows.length ? gzipSync(reply) : Buffer.from(reply);
      const encoding = rows.length ? { "content-encoding": "gzip" } : {};
      response.writeHead(200, { "content-type": "application/json", "content-length": packed.length, ...encoding }).end(packed);
    } catch (error) {
      response.destroy(error);
    }
  });
  await listen(server);
}

async function load() {
  keep({ since: 0, rows: said.rows, dirty: said.rows.map(({ id }) => id) });
}

async function edit() {
  const store = read();
  const notes = new Map(said.rows.map(({ id, note }) => [id, note]));
  for (const row of store.rows) if (notes.has(row.id)) row.note = notes.get(row.id);
  keep({ ...store, dirty: [...new Set([...store.dirty, ...notes.keys()])], patch: said.patch });
}

async function state() {
  console.log(JSON.stringify(stateOf(read().rows)));
}

async function sync() {
  const store = read();
  const rows = new Map(store.rows.map((row) => [row.id, row]));
  const limit = said.batch ?? ROWS;
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  for (let more = true; more || store.dirty.length; ) {
    const ids = store.dirty.slice(0, limit);
    const full = ids.map((id) => rows.get(id));
    const sent = store.patch ? full.map(({ id, note }) => ({ id, note })) : full;
    const reply = await insist(() => ask(agent, `?since=${store.since}&limit=${limit}`, sent));
    store.dirty = store.dirty.slice(ids.length);
    store.since = reply.sequence;
    for (const row of reply.rows ?? []) rows.set(row.id, { ...rows.get(row.id), ...row });
    more = reply.more ?? false;
  }
  agent.destroy();
  keep({ ...store, rows: [...rows.values()], patch: false });
}

function ask(agent, query, rows) {
  return new Promise((resolve, reject) => {
    const body = rows.length ? gzipSync(JSON.stringify(rows)) : Buffer.alloc(0);
    const coded = rows.length ? { "content-type": "application/json", "content-encoding": "gzip" } : {};
    const headers = { authorization: TOKEN, "accept-encoding": "gzip", "content-length": body.length, ...coded };
    const request = http.request(`${said.server}/complaints${query}`, { agent, method: "POST", headers });
    request.on("error", reject).on("response", async (response) => {
      try {
        const bytes = await readAll(response);
        resolve(JSON.parse(response.headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes));
      } catch (error) {
        reject(error);
      }
    });
    request.end(body);
  });
}

function read() {
  const path = join(said.data, "complaints.json");
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : { since: 0, rows: [], dirty: [] };
}

/** A new file, durable, takes the place of the old one. */
function keep(store) {
  const path = join(said.data, "complaints.json");
  const file = openSync(`${path}.new`, "w");
  writeFileSync(file, JSON.stringify(store));
  fsyncSync(file);
  closeSync(file);
  renameSync(`${path}.new`, path);
}
