// PouchDB: a LevelDB database that replicates one-shot, both ways, with the one that pouchdb-server's middleware serves.
import { Agent } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { insist, listen, merged, openSideDoor, stateOf, words } from "./peer.js";

const require = createRequire(import.meta.url);
const PouchDB = require("pouchdb");

const said = words();
await { serve, load, edit, sync, state }[said.command]();

async function serve() {
  const express = require("express");
  const Served = PouchDB.defaults({ prefix: join(said.data, "/") });
  const app = express();
  // Answers are compressed; PouchDB itself has no way to compress what it sends.
  app.use(require("compression")());
  // No log file, no administration pages: the routes that replication needs.
  app.use(require("express-pouchdb")(Served, { mode: "minimumForPouchDB", inMemoryConfig: true, logPath: "/dev/null" }));
  const db = new Served("complaints");
  await openSideDoor({
    count: async () => (await db.info()).doc_count,
    rows: () => rowsOf(db),
    edit: (edits) => editIn(db, edits),
  });
  const server = require("node:http").createServer(app);
  await listen(server);
}

async function load() {
  await local().bulkDocs(said.rows.map(({ id, ...row }) => ({ _id: id, ...row })));
}

async function edit() {
  await editIn(local(), said.rows);
}

async function state() {
  console.log(JSON.stringify(stateOf(await rowsOf(local()))));
}

/** Up, then down: two replications, as `PouchDB.sync` runs them, but one after the other, which costs fewer requests. */
async function sync() {
  const db = local();
  const options = said.batch ? { batch_size: said.batch } : {};
  // One connection for all requests, and no question whether the database is there: fewer round trips.
  const agent = new Agent({ keepAlive: true });
  const fetch = (url, options) => PouchDB.fetch(url, { ...options, agent });
  const there = new PouchDB(`${said.server}/complaints`, { fetch, skip_setup: true });
  await insist(() => db.replicate.to(there, options));
  await insist(() => db.replicate.from(there, options));
  await db.close();
  agent.destroy();
}

function local() {
  return new PouchDB(join(said.data, "complaints"));
}

async function editIn(db, edits) {
  const patches = new Map(edits.map(({ id, ...patch }) => [id, patch]));
  const { rows } = await db.allDocs({ keys: [...patches.keys()], include_docs: true });
  await db.bulkDocs(rows.map(({ doc }) => merged(doc, patches.get(doc._id))));
}

async function rowsOf(db) {
  const { rows } = await db.allDocs({ include_docs: true });
  return rows.map(({ doc: { _id, _rev, ...row } }) => ({ id: _id, ...row }));
}
