// What a server takes while it does nothing, and what its lists cost with a long history behind them.
// Run: npm run build && node bench/server.mjs [rows, default 1000000]
// The rows are copies of one create, its attempt, its asset and its events, written into the database beside the server.
// Goal: `GET /v1/jobs` and `GET /v1/activity` at a million rows take at most 1.2 times what they take at a thousand.
import { mkdtempSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { create, openProvider, openServer, percentile, plainPng, replyWith } from "../scripts/served-house.mjs"

/** The server's own database engine. */
const Database = createRequire(new URL("../packages/server/package.json", import.meta.url))("libsql")
const many = Number(process.argv[2] ?? 1_000_000)
const few = 1_000
const rounds = 200

const columnsOf = (database, table) =>
  database
    .prepare(`SELECT name FROM pragma_table_info('${table}')`)
    .all([])
    .map(({ name }) => name)

/** Copies the newest row of a table `count` times, each with ids of its own. */
const copy = (database, table, count, own) => {
  const columns = columnsOf(database, table).filter((name) => !(name === "sequence" && own["sequence"] === undefined))
  const chosen = columns.map((name) => own[name] ?? `t.${name}`)
  database.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
    INSERT INTO ${table} (${columns.join(", ")}) SELECT ${chosen.join(", ")}
    FROM n, (SELECT * FROM ${table} ORDER BY rowid DESC LIMIT 1) t`)
}

const fill = (file, count) => {
  const database = new Database(file)
  database.exec("PRAGMA synchronous = OFF; BEGIN")
  copy(database, "jobs", count, { id: "'job_copy' || i", idempotency_key: "NULL", answer: "'null'" })
  copy(database, "attempts", count, { id: "'att_copy' || i", job_id: "'job_copy' || i" })
  copy(database, "assets", count, { id: "'image_copy' || i", job_id: "'job_copy' || i" })
  copy(database, "activity_events", count, { event_id: "'evt_copy' || i" })
  database.exec("COMMIT")
  database.close()
}

const folder = mkdtempSync(join(tmpdir(), "image-skill-server-"))
const provider = await openProvider(replyWith(plainPng(64)))

const grown = async (name, count) => {
  const data = join(folder, name)
  const first = await openServer(data, { provider: provider.url })
  await first.join()
  const made = await first.ask("POST", "/v1/create", create)
  if (made.status !== 200) throw new Error(`the create was answered ${made.status}`)
  // While it runs: its token stays here.
  fill(join(data, "image-skill.db"), count)
  first.reconnect()
  return first
}

const idle = await openServer(join(folder, "idle"))
await new Promise((resolve) => setTimeout(resolve, 3_000))
const cpu = idle.cpuMillis()
await new Promise((resolve) => setTimeout(resolve, 10_000))
console.log(
  `idle: ${idle.residentMegabytes().toFixed(0)} MB resident, ${((idle.cpuMillis() - cpu) / 10).toFixed(1)} ms CPU a second, Node ${process.versions.node}`
)
await idle.close()

const servers = [await grown("many", many), await grown("few", few)].reverse()
try {
  for (const path of [
    "/v1/jobs?limit=20",
    "/v1/activity?limit=20",
    "/v1/jobs?limit=20&cursor=",
    "/v1/activity?limit=20&cursor="
  ]) {
    // The second page, for the two paths that ask for one.
    const paths = await Promise.all(
      servers.map(async ({ ask }) =>
        path.endsWith("=") ? path + (await ask("GET", path.replace("&cursor=", ""))).envelope.data.next_cursor : path
      )
    )
    const times = [[], []]
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, server] of servers.entries()) times[index].push((await server.ask("GET", paths[index])).millis)
    }
    const [small, large] = times.map((all) => percentile(all.slice(rounds / 10), 0.5))
    console.log(
      `${path.padEnd(32)} ${few} rows ${small.toFixed(2)} ms, ${many} rows ${large.toFixed(2)} ms: ${(large / small).toFixed(2)} times (goal 1.2)`
    )
  }
} finally {
  for (const server of servers) await server.close()
  provider.close()
  rmSync(folder, { recursive: true, force: true })
}
