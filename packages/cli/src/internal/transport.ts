/** Two ways to the server app: over the network, and in this process. One shape for both. */
import type { Embedded } from "../Host.ts"

export interface WireRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  readonly timeoutMillis: number
  readonly signal: AbortSignal
}

export interface WireResponse {
  readonly status: number
  /** By lower-case name. */
  readonly header: (name: string) => string | null
  readonly chunks: AsyncIterable<Uint8Array>
}

export type Transport = (request: WireRequest) => Promise<WireResponse>

async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader()
  if (reader === undefined) return
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    yield value
  }
}

/** Requests never leave the process; the origin in their URLs is a name only. */
export const embeddedTransport =
  (open: () => Promise<Embedded>): Transport =>
  async (wire) => {
    const embedded = await open()
    const response = await embedded.fetch(
      new Request(wire.url, {
        method: wire.method,
        headers: wire.headers,
        body: wire.body,
        signal: wire.signal
      })
    )
    return { status: response.status, header: (name) => response.headers.get(name), chunks: chunksOf(response) }
  }
