// JSON over REST under gzip, as somebody careful would write it: one request carries what is new, and brings what is new.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { insist, listen, merged, openSideDoor, readAll, stateOf, words } from "./peer.js";

/** Rows in one request or reply, unless said otherwise. */
const ROWS = 1000;
/** Any real interface knows who asks. */
const TOKEN = "Bearer 4f0c1d2e3b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978";

const said = words();
const web = said.certificate ? https : http;
/** The server's certificate and key, or the one certificate that the client takes. */
const certificate = said.certificate && readFileSync(said.certificate);
await { serve, load, edit, sync, stay, state }[said.command]();

/** `POST /complaints?since=S&limit=N` with a gzipped array of rows; the reply is `{sequence, rows}` under gzip. */
async function serve() {
  const held = new Map();
  // What was taken, in order: what a client gets that wants changed fields only.
  const taken = [];
  let sequence = 0;
  const journal = openSync(join(said.data, "journal.ndjson"), "a");
  const take = (rows, from) => {
    for (const row of rows) {
      sequence += 1;
      held.set(row.id, { row: merged(held.get(row.id)?.row, row), from, at: sequence });
      taken.push({ row, from, at: sequence });
    }
    if (!rows.length) return;
    writeSync(journal, JSON.stringify(rows) + "\n");
    // Nothing is said before it is durable, as at the hub.
    fsyncSync(journal);
  };
  await openSideDoor({
    count: async () => held.size,
    rows: async () => [...held.values()].map(({ row }) => row),
    edit: async (edits) => take(said.patch ? edits : edits.map((edit) => merged(held.get(edit.id).row, edit)), "hub"),
  });
  const server = web.createServer({ cert: certificate, key: certificate }, async (request, response) => {
    try {
      if (request.headers.authorization !== TOKEN) return response.writeHead(401).end();
      const body = await readAll(request);
      take(body.length ? JSON.parse(gunzipSync(body)) : [], "office");
      const query = new URL(request.url, "http://hub").searchParams;
      const since = Number(query.get("since"));
      // What a client brought is not sent back to it.
      const all = said.patch ? taken : [...held.values()].sort((a, b) => a.at - b.at);
      const news = all.filter(({ from, at }) => from === "hub" && at > since);
      const page = news.slice(0, Number(query.get("limit")));
      const reached = page.length < news.length ? page.at(-1).at : sequence;
      const rows = page.map(({ row }) => row);
      const reply = JSON.stringify(rows.length ? { sequence: reached, more: page.length < news.length, rows } : { sequence: reached });
      const packed = rows.length ? gzipSync(reply) : Buffer.from(reply);
      const encoding = rows.length ? { "content-encoding": "gzip" } : {};
      response.writeHead(200, { "content-type": "application/json", "content-length": packed.length, ...encoding }).end(packed);
    } catch (error) {
      response.destroy(error);
    }
  });
  await listen(server, "listening on ", said.certificate ? "https" : "http");
}

async function load() {
  keep({ since: 0, rows: said.rows, dirty: said.rows.map(({ id }) => id) });
}

async function edit() {
  const store = read();
  const edits = new Map(said.rows.map((edit) => [edit.id, edit]));
  const rows = store.rows.map((row) => merged(row, edits.get(row.id) ?? {}));
  const dirty = [...new Set([...store.dirty, ...edits.keys()])];
  // Merging patches of the same complaint gives the patch of both.
  const patches = said.patch ? { patches: merged(store.patches ?? {}, Object.fromEntries(edits)) } : {};
  keep({ ...store, rows, dirty, ...patches });
}

async function state() {
  console.log(JSON.stringify(stateOf(read().rows)));
}

async function sync() {
  const agent = connections();
  await exchange(agent);
  agent.destroy();
}

async function stay() {
  const agent = connections();
  await openSideDoor({ sync: () => exchange(agent) });
}

function connections() {
  return new web.Agent({ keepAlive: true, maxSockets: 1, ca: certificate });
}

async function exchange(agent) {
  const store = read();
  const rows = new Map(store.rows.map((row) => [row.id, row]));
  const limit = said.batch ?? ROWS;
  for (let more = true; more || store.dirty.length; ) {
    const ids = store.dirty.slice(0, limit);
    const sent = ids.map((id) => store.patches?.[id] ?? rows.get(id));
    const reply = await insist(() => ask(agent, `?since=${store.since}&limit=${limit}`, sent));
    store.dirty = store.dirty.slice(ids.length);
    store.since = reply.sequence;
    for (const row of reply.rows ?? []) rows.set(row.id, merged(rows.get(row.id), row));
    more = reply.more ?? false;
  }
  keep({ ...store, rows: [...rows.values()], patches: undefined });
}

function ask(agent, query, rows) {
  return new Promise((resolve, reject) => {
    const body = rows.length ? gzipSync(JSON.stringify(rows)) : Buffer.alloc(0);
    const coded = rows.length ? { "content-type": "application/json", "content-encoding": "gzip" } : {};
    const headers = { authorization: TOKEN, "accept-encoding": "gzip", "content-length": body.length, ...coded };
    const request = web.request(`${said.server}/complaints${query}`, { agent, method: "POST", headers });
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
