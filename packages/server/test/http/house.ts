import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Envelope } from "@image-skill/core/kernel/Envelope"
import { Schema } from "effect"
import { type EmbeddedOptions, openEmbedded } from "../../src/Embedded.ts"

const decodeEnvelope = Schema.decodeUnknownSync(Schema.parseJson(Envelope))

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly envelope: Envelope
}

export interface House {
  readonly folder: string
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>
  readonly ask: (path: string, init?: RequestInit) => Promise<Answer>
  readonly post: (path: string, body: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answer>
}

/** The embedded server on a folder of its own, which goes with it. */
export const inHouse = async <A>(
  use: (house: House) => Promise<A>,
  options: Partial<EmbeddedOptions> = {}
): Promise<A> => {
  const folder = await mkdtemp(join(tmpdir(), "image-skill-http-"))
  const embedded = await openEmbedded({ dataDirectory: join(folder, "data"), environment: {}, ...options })
  const fetch: House["fetch"] = (path, init) => embedded.fetch(new Request(`http://localhost${path}`, init))
  const ask: House["ask"] = async (path, init) => {
    const response = await fetch(path, init)
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, envelope: decodeEnvelope(text) }
  }
  const post: House["post"] = (path, body, headers = {}) =>
    ask(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body)
    })
  try {
    return await use({ folder, fetch, ask, post })
  } finally {
    await embedded.close()
    await rm(folder, { recursive: true, force: true })
  }
}

export const codeOf = ({ envelope, status }: Answer): string => `${status} ${envelope.error?.code ?? "ok"}`

const Made = Schema.Struct({
  assets: Schema.Tuple(Schema.Struct({ asset_id: Schema.String, content_length: Schema.Int }))
})
const decodeMade = Schema.decodeUnknownSync(Made)

/** Draws a small picture and answers its id. */
export const drawn = async ({ post }: House): Promise<string> => {
  const { envelope } = await post("/v1/create", {
    prompt: "a hill",
    model: "local.procedural",
    model_parameters: { width: 64, height: 64, seed: 1 }
  })
  return decodeMade(envelope.data).assets[0].asset_id
}
