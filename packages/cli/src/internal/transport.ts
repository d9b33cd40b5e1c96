/** Two ways to the server app: over the network, and in this process. One shape for both. */
import type { Embedded, Exchange } from "../Host.ts"

export interface WireRequest extends Exchange {
  readonly timeoutMillis: number
}

export interface WireResponse {
  readonly status: number
  /** By lower-case name. */
  readonly header: (name: string) => string | null
  readonly chunks: AsyncIterable<Uint8Array>
}

export type Transport = (request: WireRequest) => Promise<WireResponse>

/** Requests never leave the process. */
export const embeddedTransport =
  (open: () => Promise<Embedded>): Transport =>
  async (wire) => {
    const { body, headers, status } = await (await open()).exchange(wire)
    return { status, header: (name) => headers[name] ?? null, chunks: body }
  }
