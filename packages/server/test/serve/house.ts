import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Actor, Identity, localOwner } from "@image-skill/core/identity/Identity"
import { Envelope } from "@image-skill/core/kernel/Envelope"
import { OrganizationId } from "@image-skill/core/kernel/Ids"
import { Effect, Exit, Layer, Redacted, Schema, Scope } from "effect"
import { layerOwner } from "../../src/identity/Callers.ts"
import { type HouseToServe, serveHouse } from "../../src/serve/Serve.ts"

const decodeEnvelope = Schema.decodeUnknownSync(Schema.parseJson(Envelope))

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly envelope: Envelope
}

export const asked = async (url: string, init?: RequestInit): Promise<Answer> => {
  const response = await fetch(url, init)
  return { status: response.status, headers: response.headers, envelope: decodeEnvelope(await response.text()) }
}

const actorOf = (token: Redacted.Redacted<string> | null): Actor =>
  token === null
    ? localOwner
    : { ...localOwner, ref: { ...localOwner.ref, organization_id: OrganizationId.make(Redacted.value(token)) } }

/** Unmetered callers; a token is the name of its organization. */
const identity = Layer.succeed(Identity, { authenticate: (token) => Effect.succeed(actorOf(token)) })

/** A server on a socket of its own; `stop` is what a signal does. */
export const startServer = async (folder: string, own: Partial<HouseToServe> = {}) => {
  const scope = Effect.runSync(Scope.make())
  const options = {
    host: "127.0.0.1",
    port: 0,
    dataDirectory: folder,
    environment: {},
    identity: layerOwner(identity),
    ...own
  }
  const serving = await Effect.runPromise(Scope.extend(serveHouse(options), scope))
  const ask = (path: string, init?: RequestInit): Promise<Answer> => asked(`${serving.url}${path}`, init)
  const create = (
    model: string,
    millis: number,
    headers: Readonly<Record<string, string>> = {},
    body: Readonly<Record<string, unknown>> = {},
    signal?: AbortSignal
  ) =>
    ask("/v1/create", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ prompt: "a hill", model, model_parameters: { millis }, ...body }),
      ...(signal === undefined ? {} : { signal })
    })
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= Effect.runPromise(Scope.close(scope, Exit.void))
    return stopping
  }
  return { ...serving, ask, create, stop }
}
export type Server = Awaited<ReturnType<typeof startServer>>

/** A data folder, removed after its use, and the servers on it, stopped. */
export const onFolder = async <A>(
  use: (start: (own?: Partial<HouseToServe>) => Promise<Server>, dataDirectory: string) => Promise<A>
): Promise<A> => {
  const folder = await mkdtemp(join(tmpdir(), "image-skill-serve-"))
  const servers: Array<Server> = []
  try {
    return await use(
      async (own) => {
        const server = await startServer(join(folder, "data"), own)
        servers.push(server)
        return server
      },
      join(folder, "data")
    )
  } finally {
    await Promise.all(servers.map(({ stop }) => stop()))
    await rm(folder, { recursive: true, force: true })
  }
}

/** The value of a field, where it is a text. */
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "")

export const codeOf = ({ envelope, status }: Answer): string => `${status} ${envelope.error?.code ?? "ok"}`

const JobData = Schema.Struct({ job: Schema.Struct({ job_id: Schema.String, status: Schema.String }) })
const StartedData = Schema.Struct({ job_id: Schema.String, status: Schema.String })

const ListData = Schema.Struct({ jobs: Schema.Array(Schema.Struct({ status: Schema.String })) })

export const statusesOf = ({ envelope }: Answer): Array<string> =>
  Schema.decodeUnknownSync(ListData)(envelope.data).jobs.map(({ status }) => status)

export const jobOf = ({ envelope }: Answer) => Schema.decodeUnknownSync(JobData)(envelope.data).job
export const startedOf = ({ envelope }: Answer) => Schema.decodeUnknownSync(StartedData)(envelope.data)
