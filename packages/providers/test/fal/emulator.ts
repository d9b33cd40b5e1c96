import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { deflateSync, crc32 as zlibCrc32 } from "node:zlib"
import { Effect } from "effect"
import later from "./fixtures/later.json" with { type: "json" }
import { inputFields, isPublished, outputFields } from "./sdkTypes.ts"

/** What the emulator does instead of its work. */
export type Fault =
  | { readonly kind: "none" }
  /** To the POST: an answer with this status. `text` as it is, else fal's own error body. */
  | {
      readonly kind: "submit_status"
      readonly status: number
      readonly text?: string
      readonly headers?: { readonly [name: string]: string }
    }
  /** Takes the work, and breaks the connection before, or in the middle of, its answer. */
  | { readonly kind: "submit_lost" }
  | { readonly kind: "submit_cut" }
  /** Names addresses of its own choice. */
  | { readonly kind: "foreign_urls"; readonly origin: string }
  /** Takes the work and does not know it afterwards. */
  | { readonly kind: "vanishes" }
  /** Says IN_QUEUE and IN_PROGRESS so many times each. */
  | { readonly kind: "queued"; readonly times: number }
  | { readonly kind: "state_status"; readonly status: number; readonly text?: string }
  /** The work fails: its result is this error. */
  | {
      readonly kind: "result_status"
      readonly status: number
      readonly type?: string
      readonly text?: string
      readonly headers?: { readonly [name: string]: string }
    }
  /** COMPLETED with an error, while the result looks well. */
  | { readonly kind: "completed_with_error"; readonly type: string }
  /** The result breaks in the middle, so many times. */
  | { readonly kind: "result_cut"; readonly times: number }
  | { readonly kind: "result_text"; readonly text: string }
  /** Flags the image with this index, and blackens it. */
  | { readonly kind: "flagged"; readonly index: number }
  /** Says it is a PNG of 4096 pixels; the bytes are something else. */
  | { readonly kind: "lies" }
  | { readonly kind: "units"; readonly units: string }
  | { readonly kind: "too_many" }
  /** The file storage answers with this, or names an address of its own choice. */
  | { readonly kind: "storage_status"; readonly status: number }
  | { readonly kind: "storage_foreign"; readonly origin: string }

/** A file that was put into the storage. */
export interface StoredFile {
  readonly url: string
  readonly contentType: string
  readonly bytes: number
  readonly hasKey: boolean
  /** All bytes but those of a test's own making are 7. */
  readonly isIntact: boolean
}

export interface Submission {
  readonly endpoint: string
  readonly body: { readonly [name: string]: unknown }
  readonly headers: IncomingMessage["headers"]
}

interface Work extends Submission {
  readonly id: string
  readonly path: string
  polls: number
  results: number
  isCanceled: boolean
}

export interface Emulator {
  readonly url: string
  readonly submissions: ReadonlyArray<Submission>
  readonly files: () => ReadonlyArray<StoredFile>
  readonly cancels: () => number
  readonly requests: () => number
  readonly set: (fault: Fault) => void
}

const chunk = (type: string, body: Buffer): Buffer => {
  const typed = Buffer.concat([Buffer.from(type), body])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(body.length, 0)
  frame.writeUInt32BE(zlibCrc32(typed), 4)
  return Buffer.concat([frame.subarray(0, 4), typed, frame.subarray(4)])
}

const drawn = new Map<string, Buffer>()

/** A grey PNG of any size, a few hundred bytes long. Drawn once: packing 16 megapixels takes a tenth of a second. */
export const png = (width: number, height: number, shade = 128): Buffer => {
  const key = `${width}x${height}-${shade}`
  const made = drawn.get(key) ?? draw(width, height, shade)
  drawn.set(key, made)
  return made
}

const draw = (width: number, height: number, shade: number): Buffer => {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 8
  const rows = Buffer.alloc((width + 1) * height, shade)
  for (let y = 0; y < height; y += 1) rows[y * (width + 1)] = 0
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0))
  ])
}

const isObject = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const bodyOf = async (request: IncomingMessage): Promise<{ readonly [name: string]: unknown } | null> => {
  const chunks: Array<Buffer> = []
  for await (const part of request) chunks.push(Buffer.from(part))
  const text = Buffer.concat(chunks).toString("utf8")
  const value: unknown = text === "" ? null : JSON.parse(text)
  return isObject(value) ? value : null
}

const modelError = (type: string, loc: ReadonlyArray<string>) => ({
  detail: [
    { loc, msg: `about ${loc.join(".")}`, type, url: `https://docs.fal.ai/errors#${type}`, input: "SECRET-INPUT" }
  ]
})

const younger: { readonly [endpoint: string]: ReadonlyArray<string> } = later.fields

/** What pydantic would find wrong with a body, by the published types of the endpoint. */
const complaint = (endpoint: string, body: { readonly [name: string]: unknown }) => {
  if (!isPublished(endpoint)) return null
  const { names, required } = inputFields(endpoint)
  const extra = Object.keys(body).find((name) => !names.has(name) && !(younger[endpoint] ?? []).includes(name))
  if (extra !== undefined) return modelError("value_error.extra", ["body", extra])
  const missing = required.find((name) => body[name] === undefined)
  return missing === undefined ? null : modelError("value_error.missing", ["body", missing])
}

const sizes: { readonly [preset: string]: readonly [number, number] } = {
  square_hd: [1024, 1024],
  square: [512, 512],
  portrait_4_3: [768, 1024],
  portrait_16_9: [576, 1024],
  landscape_4_3: [1024, 768],
  landscape_16_9: [1024, 576]
}

const sizeOf = (body: { readonly [name: string]: unknown }): readonly [number, number] => {
  const size = body["image_size"]
  if (typeof size === "string") return sizes[size] ?? [1024, 1024]
  return isObject(size) ? [Number(size["width"]), Number(size["height"])] : [64, 64]
}

const known: { readonly [endpoint: string]: string } = later.answers

const hasField = (endpoint: string, name: string) =>
  isPublished(endpoint)
    ? outputFields(endpoint).names.has(name)
    : (known[endpoint] ?? "images,seed").split(",").includes(name)

const resultOf = (work: Work, fault: Fault, origin: string) => {
  const asked = work.body["num_images"] ?? work.body["num_results"] ?? 1
  const count = (typeof asked === "number" ? asked : 1) + (fault.kind === "too_many" ? 2 : 0)
  const [width, height] = sizeOf(work.body)
  const files = Array.from({ length: count }, (_, index) => ({
    url:
      fault.kind === "lies"
        ? `${origin}/files/lie.png`
        : `${origin}/files/${Math.min(width, 4096)}x${Math.min(height, 4096)}-${work.id}-${index}.png`,
    content_type: "image/png",
    file_name: `${index}.png`,
    file_size: 1,
    ...(fault.kind === "lies" ? { width: 4096, height: 4096 } : { width: null, height: null })
  }))
  const flags = files.map((_, index) => fault.kind === "flagged" && fault.index === index)
  return {
    ...(hasField(work.endpoint, "images") ? { images: files } : { image: files[0] }),
    ...(hasField(work.endpoint, "has_nsfw_concepts") ? { has_nsfw_concepts: flags } : {}),
    ...(hasField(work.endpoint, "seed") ? { seed: 4_242_424_242 } : {}),
    ...(hasField(work.endpoint, "prompt") ? { prompt: work.body["prompt"] ?? "" } : {}),
    ...(hasField(work.endpoint, "timings") ? { timings: { inference: 0.7 } } : {})
  }
}

const send = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: { readonly [name: string]: string } = {}
) => {
  const text = typeof body === "string" ? body : JSON.stringify(body)
  response.writeHead(status, { "content-type": "application/json", ...headers })
  response.end(text)
}

const cut = (response: ServerResponse, text: string) => {
  response.writeHead(200, { "content-type": "application/json", "content-length": String(text.length) })
  response.write(text.slice(0, Math.floor(text.length / 2)), () => setTimeout(() => response.destroy(), 5))
}

/** fal's queue over real HTTP: one key, one fault at a time. */
export const startEmulator = (key: string): Effect.Effect<Emulator, never, import("effect").Scope.Scope> =>
  Effect.gen(function* () {
    const submissions: Array<Submission> = []
    const works = new Map<string, Work>()
    let fault: Fault = { kind: "none" }
    const stored: Array<StoredFile> = []
    let cancels = 0
    let requests = 0
    let origin = ""

    const submit = async (request: IncomingMessage, response: ServerResponse, endpoint: string) => {
      const body = await bodyOf(request)
      if (request.headers.authorization !== `Key ${key}`) {
        return send(response, 401, { detail: "Cannot access application without a key" })
      }
      if (fault.kind === "submit_status") {
        const own = { detail: "the queue says no", error_type: "internal_error" }
        return send(response, fault.status, fault.text ?? own, fault.headers)
      }
      const wrong = body === null ? modelError("value_error", ["body"]) : complaint(endpoint, body)
      if (wrong !== null || body === null) return send(response, 422, wrong)
      const id = `req-${works.size + 1}`
      // Only the first two segments: the trap that makes derived addresses wrong.
      const path = `/${endpoint.split("/").slice(0, 2).join("/")}/requests/${id}`
      const submission = { endpoint, body, headers: request.headers }
      submissions.push(submission)
      if (fault.kind !== "vanishes") {
        works.set(path, { ...submission, id, path, polls: 0, results: 0, isCanceled: false })
      }
      if (fault.kind === "submit_lost") return response.destroy()
      const base = fault.kind === "foreign_urls" ? fault.origin : origin
      const receipt = {
        request_id: id,
        response_url: `${base}${path}`,
        status_url: `${base}${path}/status`,
        cancel_url: `${base}${path}/cancel`,
        queue_position: 0
      }
      if (fault.kind === "submit_cut") return cut(response, JSON.stringify(receipt))
      return send(response, 200, receipt)
    }

    const status = (response: ServerResponse, work: Work) => {
      work.polls += 1
      if (fault.kind === "state_status" && work.polls <= 1)
        return send(response, fault.status, fault.text ?? { detail: "no" })
      if (fault.kind === "queued" && work.polls <= fault.times * 2 && !work.isCanceled) {
        const isWaiting = work.polls <= fault.times
        return send(
          response,
          202,
          isWaiting ? { status: "IN_QUEUE", queue_position: 3 } : { status: "IN_PROGRESS", logs: null }
        )
      }
      const failed =
        fault.kind === "completed_with_error"
          ? { error: "something went wrong", error_type: fault.type }
          : work.isCanceled
            ? { error: "cancelled", error_type: "client_cancelled" }
            : {}
      return send(response, 200, { status: "COMPLETED", metrics: { inference_time: 0.7 }, ...failed })
    }

    const result = (response: ServerResponse, work: Work) => {
      work.results += 1
      if (work.isCanceled)
        return send(response, 499, { detail: "Request was cancelled", error_type: "client_cancelled" })
      if (fault.kind === "result_status") {
        const text = fault.text ?? (fault.type === undefined ? "" : modelError(fault.type, ["body", "prompt"]))
        return send(response, fault.status, text, fault.headers)
      }
      if (fault.kind === "result_text") return send(response, 200, fault.text)
      const answer = resultOf(work, fault, origin)
      if (fault.kind === "result_cut" && work.results <= fault.times) return cut(response, JSON.stringify(answer))
      const units = fault.kind === "units" ? { "x-fal-billable-units": fault.units } : {}
      return send(response, 200, answer, { "x-fal-request-id": work.id, ...units })
    }

    const file = (response: ServerResponse, name: string) => {
      if (name === "lie.png") return send(response, 200, "<html>no image</html>", { "content-type": "image/png" })
      const [, width = "64", height = "64"] = /^(\d+)x(\d+)/.exec(name) ?? []
      response.writeHead(200, { "content-type": "image/png" })
      return response.end(png(Number(width), Number(height)))
    }

    const initiate = async (request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => {
      const body = await bodyOf(request)
      if (request.headers.authorization !== `Key ${key}`) return send(response, 401, { detail: "no key" })
      if (fault.kind === "storage_status") return send(response, fault.status, { detail: "no" })
      if (query.get("storage_type") !== "fal-cdn-v3") return send(response, 422, modelError("value_error", ["query"]))
      const isWhole = typeof body?.["content_type"] === "string" && typeof body["file_name"] === "string"
      if (!isWhole) return send(response, 422, modelError("value_error.missing", ["body", "file_name"]))
      const base = fault.kind === "storage_foreign" ? fault.origin : origin
      const name = `${stored.length}-${String(body["file_name"])}`
      return send(response, 200, {
        upload_url: `${base}/uploads/${name}?signature=s`,
        file_url: `${base}/files/${name}`
      })
    }

    const put = async (request: IncomingMessage, response: ServerResponse, name: string) => {
      const chunks: Array<Buffer> = []
      for await (const part of request) chunks.push(Buffer.from(part))
      const bytes = Buffer.concat(chunks)
      stored.push({
        url: `${origin}/files/${name}`,
        contentType: request.headers["content-type"] ?? "",
        bytes: bytes.length,
        hasKey: request.headers.authorization !== undefined,
        isIntact: bytes.equals(Buffer.alloc(bytes.length, 7))
      })
      return send(response, 200, "", { "content-type": "text/plain" })
    }

    const handle = async (request: IncomingMessage, response: ServerResponse) => {
      requests += 1
      const { pathname: path, searchParams } = new URL(request.url ?? "/", "http://localhost")
      if (request.method === "POST" && path === "/storage/upload/initiate")
        return initiate(request, response, searchParams)
      if (request.method === "PUT" && path.startsWith("/uploads/"))
        return put(request, response, path.slice("/uploads/".length))
      if (path.startsWith("/files/")) return file(response, path.slice("/files/".length))
      if (request.method === "POST") return submit(request, response, path.slice(1))
      if (request.headers.authorization !== `Key ${key}`) return send(response, 401, { detail: "no key" })
      const [, base = path, action] = /^(.*?)(?:\/(status|cancel))?$/.exec(path) ?? []
      const work = works.get(base)
      if (work === undefined) return send(response, 404, { detail: "Request not found" })
      if (action === "status") return status(response, work)
      if (action !== "cancel") return result(response, work)
      cancels += 1
      if (fault.kind !== "queued") return send(response, 400, { status: "ALREADY_COMPLETED" })
      work.isCanceled = true
      return send(response, 202, { status: "CANCELLATION_REQUESTED" })
    }

    const server = yield* Effect.acquireRelease(
      Effect.async<ReturnType<typeof createServer>>((resume) => {
        const made = createServer((request, response) => void handle(request, response))
        made.listen(0, "127.0.0.1", () => resume(Effect.succeed(made)))
      }),
      (made) =>
        Effect.async<void>((resume) => {
          made.closeAllConnections()
          made.close(() => resume(Effect.void))
        })
    )
    const address = server.address()
    const isBound = (value: typeof address): value is AddressInfo => typeof value === "object" && value !== null
    origin = isBound(address) ? `http://127.0.0.1:${address.port}` : ""
    return {
      url: origin,
      submissions,
      files: () => stored,
      cancels: () => cancels,
      requests: () => requests,
      set: (next) => {
        fault = next
      }
    }
  })

/** The port of a queue that takes requests and answers none. Closed with the scope. */
export const silentPort = Effect.acquireRelease(
  Effect.async<Server>((resume) => {
    const server = createServer((request) => void request.resume())
    server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
  }),
  (server) =>
    Effect.async<void>((resume) => {
      server.close(() => resume(Effect.void))
      server.closeAllConnections()
    })
).pipe(
  Effect.map((server) => {
    const address = server.address()
    if (address === null || typeof address === "string") throw new Error("a TCP server has an address")
    return address.port
  })
)
