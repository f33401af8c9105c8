// automerge-repo: one document per complaint, kept in files, synchronised over a WebSocket with a server that shares nothing unasked.
import { createServer } from "node:http";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { next as Automerge } from "@automerge/automerge";
import { Repo } from "@automerge/automerge-repo";
import { WebSocketClientAdapter, WebSocketServerAdapter } from "@automerge/automerge-repo-network-websocket";
import { NodeFSStorageAdapter } from "@automerge/automerge-repo-storage-nodefs";
import { WebSocketServer } from "ws";
import { listen, openSideDoor, pause, stateOf, words } from "./peer.js";

const said = words();
// Which documents there are; a real program would keep this list in a document of its own.
const INDEX = join(said.data, "urls.json");
// The adapter throws what its socket reports, and the repository what took it too long; both go on all the same.
process.on("uncaughtException", (error) => console.error(`again, for ${error.message}`));
await { serve, load, edit, sync, state }[said.command]();

async function serve() {
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  const network = [new WebSocketServerAdapter(sockets)];
  const repo = new Repo({ storage: storage(), network, sharePolicy: async () => false });
  const ready = () => Object.values(repo.handles).filter((handle) => handle.isReady());
  await openSideDoor({
    count: async () => ready().length,
    rows: async () => ready().map(rowOf),
    edit: async (edits) => editIn(ready(), edits),
  });
  await listen(server, "listening on ", "ws");
}

async function load() {
  const repo = new Repo({ storage: storage() });
  const handles = said.rows.map((row) => repo.create(scalars(row)));
  await repo.flush();
  writeFileSync(INDEX, JSON.stringify(handles.map((handle) => handle.url)));
}

async function edit() {
  const repo = new Repo({ storage: storage() });
  editIn(await open(repo), said.rows);
  await repo.flush();
}

async function state() {
  const repo = new Repo({ storage: storage() });
  console.log(JSON.stringify(stateOf((await open(repo)).map(rowOf))));
}

async function sync() {
  const repo = new Repo({ storage: storage() });
  const handles = await open(repo);
  repo.networkSubsystem.addNetworkAdapter(new WebSocketClientAdapter(said.server));
  const server = await peer(repo);
  for (const handle of handles) await same(handle, server);
  await repo.flush();
  process.exit(0);
}

/** Waits for the server's lasting name. */
async function peer(repo) {
  for (;;) {
    const name = repo.peers.map((id) => repo.getStorageIdOfPeer(id)).find((id) => id);
    if (name) return name;
    await pause(5);
  }
}

/** Waits until the server has said in this run that it has the heads that we have. */
function same(handle, server) {
  const is = () => JSON.stringify(handle.getSyncInfo(server)?.lastHeads) === JSON.stringify(handle.heads());
  return new Promise((resolve) => {
    const look = () => is() && resolve();
    handle.on("remote-heads", look);
    handle.on("heads-changed", look);
    look();
  });
}

function storage() {
  return new NodeFSStorageAdapter(join(said.data, "repo"));
}

async function open(repo) {
  const urls = existsSync(INDEX) ? JSON.parse(readFileSync(INDEX, "utf8")) : [];
  return await Promise.all(urls.map((url) => repo.find(url)));
}

/** An event is one text under its ULID, as in Titian: smaller than an object whose parts merge one by one. */
function editIn(handles, edits) {
  const events = new Map(edits.map(({ id, events }) => [id, Object.entries(events)]));
  for (const handle of handles) {
    const ours = events.get(String(handle.doc().id));
    if (!ours) continue;
    handle.change((doc) => {
      doc.events ??= {};
      for (const [key, event] of ours) doc.events[key] = new Automerge.ImmutableString(JSON.stringify(event));
    });
  }
}

/** A text of a complaint is one value, not letters that merge one by one: smaller, and what Titian does. */
function scalars(value) {
  if (typeof value === "string") return new Automerge.ImmutableString(value);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, scalars(inner)]));
}

function rowOf(handle) {
  const plain = (value) => {
    if (value instanceof Automerge.ImmutableString) return value.toString();
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  };
  return plain(handle.doc());
}
