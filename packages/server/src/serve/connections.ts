import type { IncomingMessage } from "node:http"
import type { Socket } from "node:net"
import { failure } from "@image-skill/core/kernel/Errors"
import { countedAddress } from "../http/CallerAddress.ts"

/** What a connection too many is told; then it is closed. */
export const tooManyConnections = (connectionsMax: number) =>
  failure("RATE_LIMITED", `This address has ${connectionsMax} connections open, the most that it may have`, {
    details: { limit: "connections", connections_max: connectionsMax },
    recovery: { retry_after_seconds: 5 }
  })

/**
 * Counts open connections by address. Some above the limit are taken, so that they can be told; they last no longer than
 * `tellMillis`, and what comes beyond twice the limit is closed at once. Null: no limit.
 */
export const makeConnections = (connectionsMax: number | null, tellMillis: number) => {
  const open = new Map<string, number>()
  const excess = new WeakSet<Socket>()
  return {
    opened: (socket: Socket): void => {
      if (connectionsMax === null) return
      const address = countedAddress(socket.remoteAddress ?? "unknown")
      const count = (open.get(address) ?? 0) + 1
      if (count > 2 * connectionsMax) return void socket.destroy()
      open.set(address, count)
      socket.once("close", () => {
        const left = (open.get(address) ?? 1) - 1
        if (left === 0) open.delete(address)
        else open.set(address, left)
      })
      if (count <= connectionsMax) return
      excess.add(socket)
      setTimeout(() => socket.destroy(), tellMillis).unref()
    },
    /** What a request is refused with whose connection is one too many. */
    refusalOf: ({ socket }: IncomingMessage) =>
      connectionsMax !== null && excess.has(socket) ? tooManyConnections(connectionsMax) : null
  } as const
}
