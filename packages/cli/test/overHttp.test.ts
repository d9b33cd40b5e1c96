import { existsSync } from "node:fs"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { serveHouse } from "@image-skill/server/serve/Serve"
import { Effect, Exit, Scope } from "effect"
import { commands } from "../src/Cli.ts"
import { commandLineOf } from "../src/CommandLine.ts"
import { commandPages } from "../src/commandPages.ts"
import type { Host } from "../src/Host.ts"
import { publicCommands, publicFlags } from "../src/internal/publicCommands.ts"
import { parse } from "../src/Parse.ts"
import { temporaryFolder } from "./support/host.ts"

const never = () => Promise.reject(new Error("not on this machine"))
const stderr: Array<string> = []

const host: Host = {
  argv: [],
  environment: { IMAGE_SKILL_TOKEN: "isk_r_the_operators_own", HOME: "/" },
  workingDirectory: "/",
  homeDirectory: "/",
  version: "1.2.3",
  nodeVersion: process.versions.node,
  stdout: { isTerminal: false, columns: 80, write: never },
  stderr: { isTerminal: false, columns: 80, write: async (text) => void stderr.push(text) },
  readStdin: never,
  interruption: new AbortController().signal,
  processId: process.pid,
  isRunning: () => false,
  temporaryDirectory: "/",
  openFile: async () => false,
  openEmbedded: never,
  loadServer: never
}

interface Answer {
  readonly status: number
  readonly exit: string | null
  readonly trace: string | null
  readonly envelope: {
    readonly ok: boolean
    readonly command: string
    readonly trace_id: string
    readonly actor: Record<string, unknown> | null
    readonly data: Record<string, unknown> | null
    readonly error: { readonly code: string; readonly message: string } | null
  }
}

describe("commands over HTTP", () => {
  const scope = Effect.runSync(Scope.make())
  const folder = temporaryFolder()
  let url = ""
  let token = ""

  const ask = async (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body)
    })
    return {
      status: response.status,
      exit: response.headers.get("x-image-skill-exit-code"),
      trace: response.headers.get("x-image-skill-trace-id"),
      envelope: JSON.parse(await response.text())
    }
  }
  const run = (argv: ReadonlyArray<string>, as: string | null = token, body: Record<string, unknown> = {}) =>
    ask("/v1/cli", { argv, ...body }, as === null ? {} : { authorization: `Bearer ${as}` })
  const outcome = ({ envelope, exit, status }: Answer) => `${status} ${exit} ${envelope.error?.code ?? "ok"}`

  beforeAll(async () => {
    const options = { host: "127.0.0.1", port: 0, dataDirectory: folder.path, environment: {} }
    const serving = await Effect.runPromise(
      Scope.extend(serveHouse({ ...options, commandLine: commandLineOf(host) }), scope)
    )
    url = serving.url
    token = String((await ask("/v1/agent-signups", { return_token: true })).envelope.data?.["token"])
  })
  afterAll(async () => {
    await Effect.runPromise(Scope.close(scope, Exit.void))
    folder.remove()
  })

  it("answer as the command itself, as whoever calls, with its exit code", async () => {
    const models = await run(["models", "list", "--operation", "edit", "--limit", "2", "--json"], null)
    assert.strictEqual(outcome(models), "200 0 ok")
    assert.deepStrictEqual([models.envelope.command, models.envelope.data?.["count"]], ["image-skill models list", 2])
    assert.strictEqual(models.trace, models.envelope.trace_id)
    assert.strictEqual(outcome(await run(["whoami"], null)), "401 3 AUTH_REQUIRED")
    assert.strictEqual(outcome(await run(["whoami"], "isk_r_nobodys")), "401 3 TOKEN_INVALID")
    const own = await run(["image-skill", "whoami"])
    assert.match(String(own.envelope.actor?.["actor_id"]), /^agt_/)
    assert.strictEqual(outcome(await run(["jobs", "show", "job_none"])), "404 2 JOB_NOT_FOUND")
    assert.strictEqual(outcome(await run([])), "200 0 ok")
    assert.strictEqual(outcome(await run(["version"], null)), "200 0 ok")
  })

  it("make an image once for a key, also for the key of the request", async () => {
    const argv = ["create", "--model", "local.procedural", "--prompt", "dunes", "--model-parameters-json", '{"seed":7}']
    const made = await run(argv, token, { idempotency_key: "over-http" })
    assert.strictEqual(outcome(made), "200 0 ok")
    const again = await run([...argv, "--idempotency-key", "over-http"])
    assert.deepStrictEqual(
      [again.envelope.data?.["job_id"], again.envelope.data?.["idempotent_replay"]],
      [made.envelope.data?.["job_id"], true]
    )
    const asset = /"asset_id":"(image_[0-9a-f]+)"/.exec(JSON.stringify(made.envelope.data))?.[1] ?? ""
    const edit = [
      "edit",
      "--model",
      "local.resize",
      "--input",
      asset,
      "--model-parameters-json",
      '{"scale":0.5}',
      "--dry-run"
    ]
    assert.strictEqual(outcome(await run(edit)), "200 0 ok")
    assert.isFalse(existsSync(`${folder.path}/in-flight`))
  })

  it("touch nothing of the server's machine", async () => {
    const unavailable = "404 2 PUBLIC_CLI_COMMAND_NOT_AVAILABLE"
    const make = ["create", "--prompt", "x"]
    for (const argv of [
      ["doctor"],
      ["auth", "status"],
      ["signup", "--agent", "--agent-name", "x"],
      ["serve", "--port", "0"],
      ["admin", "agents", "list"],
      ["upload", "/etc/hostname"],
      ["assets", "get", "image_0", "--output", "/tmp/x.png"],
      ["whoami", "--api-base-url", "http://127.0.0.1:1"],
      ["whoami", "--token-stdin"],
      ["whoami", "--data-dir", "/tmp"],
      [...make, "--output", "/tmp/x.png"],
      [...make, "--guide"],
      [...make, "--wait"],
      ["create", "--prompt-file", "/etc/hostname"],
      ["create", "--batch", "/etc/hostname"],
      ["nonsense"]
    ]) {
      assert.strictEqual(outcome(await run(argv)), unavailable, argv.join(" "))
    }
    const invalid = "400 2 INVALID_ARGUMENTS"
    for (const image of ["/etc/hostname", "../image_0.png", "http://127.0.0.1:1/x.png", "file:///etc/hostname", "-"]) {
      assert.strictEqual(outcome(await run(["edit", "--input", image, "--prompt", "x"])), invalid, image)
      assert.strictEqual(outcome(await run([...make, "--reference-image", `${image}@0`])), invalid, image)
    }
    assert.strictEqual(outcome(await run(["assets", "show", "http://127.0.0.1:1/a/image_0.png"])), invalid)
    for (const argv of ["whoami", [1], Array.from({ length: 101 }, () => "x"), ["x".repeat(20_001)]]) {
      assert.strictEqual(outcome(await ask("/v1/cli", { argv })), invalid)
    }
    assert.deepStrictEqual(stderr, [])
  })

  it("every flag of a public command is either let in or known to stay at home", () => {
    const home = ["output", "overwrite", "prompt-file", "wait", "open", "guide", "batch", "batch-id", "concurrency"]
    const flags = commands.filter(({ name }) => publicCommands.includes(name)).flatMap((command) => command.flags)
    const names = [...new Set(flags.map(({ name }) => name))]
    assert.deepStrictEqual(
      names.filter((name) => !publicFlags.has(name) && !home.includes(name)),
      []
    )
  })

  it("stand on pages whose every command is one", async () => {
    const pages = await Promise.all(
      ["/llms.txt", "/skill.md", "/cli.md"].map(async (path) => (await fetch(`${url}${path}`)).text())
    )
    assert.deepStrictEqual(pages, [commandPages.llms(url), commandPages.skill(url), commandPages.commands(url)])
    const lines = pages.flatMap((page) => page.split("\n")).filter((line) => line.startsWith("image-skill "))
    assert.isAbove(lines.length, 40)
    const refused = lines.filter((line) => {
      const parsed = parse(wordsOf(line).slice(1))
      return parsed.kind === "refused"
    })
    assert.deepStrictEqual(refused, [])
    const docs = await fetch(`${url}/docs`)
    assert.match(docs.headers.get("content-security-policy") ?? "", /^default-src 'none'/)
    const html = await docs.text()
    assert.notMatch(html, /<script|https?:\/\/(?!127\.0\.0\.1)[^"' ]*\.(js|css)/)
    const document: { readonly paths: Record<string, unknown> } = JSON.parse(
      await (await fetch(`${url}/openapi.json`)).text()
    )
    for (const path of Object.keys(document.paths)) assert.include(html, path)
  })
})

/** A line as a shell splits it: quotes and nothing else. */
const wordsOf = (line: string): ReadonlyArray<string> =>
  [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word.replaceAll(/'([^']*)'|"([^"]*)"/g, "$1$2"))
