import { parentPort } from "node:worker_threads"
import { type Drawing, type DrawRequest, draw } from "./draw/Draw.ts"
import { encode, type ImageFormat } from "./encode.ts"

// The file that a worker thread runs. It answers one request at a time, so replies need no number.

export interface RenderRequest extends DrawRequest {
  readonly format: ImageFormat
  /** 1 to 100, for JPEG and WebP. */
  readonly quality?: number
}

/** A picture, encoded, with what is known about how it was drawn. */
export interface RenderedImage extends Omit<Drawing, "pixels"> {
  readonly bytes: Uint8Array
  readonly format: ImageFormat
}

export type WorkerReply =
  | { readonly done: true; readonly image: RenderedImage }
  | { readonly done: false; readonly message: string }

const render = async ({ format, quality, ...request }: RenderRequest) => {
  const drawing = await draw(request)
  const { pixels: _, ...about } = drawing
  const description = `Drawn by an algorithm: ${about.motif}, ${about.style}`
  const encoded = await encode(drawing, { format, description, ...(quality === undefined ? {} : { quality }) })
  // A copy of its own: a small Buffer is a window on a shared pool, which cannot be handed to another thread.
  const bytes = new Uint8Array(encoded)
  return { image: { ...about, format, bytes }, transfer: [bytes.buffer] }
}

// Every picture is encoded: a thread that is begun ahead of its request loads the encoder meanwhile. Where that fails, the
// encoding says so.
void import("sharp").catch(() => {})

const port = parentPort
const answer = (reply: WorkerReply, transfer: ReadonlyArray<ArrayBuffer> = []): void =>
  port?.postMessage(reply, transfer)

port?.on("message", (request: RenderRequest) => {
  render(request).then(
    ({ image, transfer }) => answer({ done: true, image }, transfer),
    (error: unknown) => answer({ done: false, message: error instanceof Error ? error.message : String(error) })
  )
})
