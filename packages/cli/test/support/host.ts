import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fail } from "@image-skill/core/kernel/Errors"
import { dispatch } from "../../src/Dispatch.ts"
import type { Embedded, Host } from "../../src/Host.ts"

/** What a stub server was asked, and what it answers. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: Record<string, unknown>
}

export type Answering = (asked: Asked) => Response | undefined

export const reply = (data: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(
    JSON.stringify({
      ok: true,
      command: "image-skill stub",
      trace_id: "trace_0123456789abcdef",
      actor: null,
      data,
      warnings: [],
      error: null
    }),
    { status, headers: { "content-type": "application/json", ...headers } }
  )

export const refuse = (
  code: string,
  status: number,
  headers: Record<string, string> = {},
  recovery?: Record<string, unknown>
): Response =>
  new Response(
    JSON.stringify({
      ok: false,
      command: "image-skill stub",
      trace_id: "trace_0123456789abcdef",
      actor: null,
      data: null,
      warnings: [],
      error: { code, message: `stub ${code}`, retryable: false, ...(recovery === undefined ? {} : { recovery }) }
    }),
    { status, headers }
  )

export interface Run {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  readonly envelope: Envelope
  readonly asked: ReadonlyArray<Asked>
  readonly opened: number
  readonly closed: number
}

export interface Envelope {
  readonly ok: boolean
  readonly command: string
  readonly data: Record<string, unknown> | null
  readonly warnings: ReadonlyArray<string>
  readonly error: {
    readonly code: string
    readonly retryable?: boolean
    readonly message: string
    readonly details?: Record<string, unknown>
    readonly recovery?: Record<string, unknown>
  } | null
}

export interface RunOptions {
  readonly answering?: Answering
  readonly host?: Partial<Host>
  readonly environment?: Record<string, string>
  readonly isTerminal?: boolean
  readonly stdin?: string
}

/** A stub of the server app, in terms of the web. */
export const answeredBy =
  (fetch: (request: Request) => Promise<Response>): Embedded["exchange"] =>
  async ({ body, headers, method, url }) => {
    const response = await fetch(new Request(url, { method, headers, body }))
    const bytes = new Uint8Array(await response.arrayBuffer())
    const chunks = async function* () {
      yield bytes
    }
    return { status: response.status, headers: Object.fromEntries(response.headers), body: chunks() }
  }

export const temporaryFolder = () => {
  const path = mkdtempSync(join(tmpdir(), "image-skill-cli-"))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

export const noEnvelope: Envelope = { ok: false, command: "", data: null, warnings: [], error: null }

/** Runs the CLI in this process on a stub of the server, in `folder` as its working folder, home and data folder. */
export const runIn =
  (folder: string) =>
  async (argv: ReadonlyArray<string>, options: RunOptions = {}): Promise<Run> => {
    const written = { stdout: "", stderr: "" }
    const counts = { opened: 0, closed: 0 }
    const asked: Array<Asked> = []
    const sink = (name: "stdout" | "stderr") => ({
      isTerminal: options.isTerminal ?? false,
      columns: 80,
      write: async (text: string) => {
        written[name] += text
      }
    })
    const fetch = async (request: Request): Promise<Response> => {
      const url = new URL(request.url)
      const text = await request.text()
      const one: Asked = {
        method: request.method,
        path: url.pathname,
        query: url.searchParams,
        body: text === "" ? {} : JSON.parse(text)
      }
      asked.push(one)
      return options.answering?.(one) ?? refuse("ROUTE_NOT_FOUND", 404)
    }
    const exitCode = await dispatch({
      argv,
      environment: options.environment ?? {},
      workingDirectory: folder,
      homeDirectory: folder,
      version: "1.2.3",
      nodeVersion: process.versions.node,
      stdout: sink("stdout"),
      stderr: sink("stderr"),
      readStdin: async () => new TextEncoder().encode(options.stdin ?? ""),
      interruption: new AbortController().signal,
      processId: process.pid,
      isRunning: () => false,
      temporaryDirectory: folder,
      openFile: async () => false,
      loadServer: async () => () => fail("INVALID_ARGUMENTS", "no server here"),
      openEmbedded: async () => {
        counts.opened += 1
        return {
          exchange: answeredBy(fetch),
          close: async () => {
            counts.closed += 1
          }
        }
      },
      ...options.host
    })
    const isDocument = options.isTerminal !== true || argv.includes("--json")
    return { exitCode, ...written, envelope: isDocument ? JSON.parse(written.stdout) : noEnvelope, asked, ...counts }
  }
