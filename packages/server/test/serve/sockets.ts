import { connect } from "node:net"

/** A connection of its own, on which words are sent as they are. */
export const dial = async (port: number) => {
  const socket = connect(port, "127.0.0.1")
  let text = ""
  socket.setEncoding("latin1").on("data", (part) => void (text += part))
  // What the other side cuts off is an error here; `closed` tells.
  socket.on("error", () => {})
  const closed = new Promise<void>((resolve) => void socket.once("close", () => resolve()))
  await new Promise<void>((resolve) => void socket.once("connect", () => resolve()))
  return {
    /** Resolves when the bytes have left, or never will. */
    send: (bytes: string | Uint8Array) =>
      new Promise<boolean>(
        (resolve) => void socket.write(bytes, (error) => resolve(error === null || error === undefined))
      ),
    /** All that came so far, once it fits. */
    heard: async (what: RegExp, atMostMillis = 5_000): Promise<string> => {
      const until = performance.now() + atMostMillis
      while (!what.test(text)) {
        if (performance.now() > until) throw new Error(`nothing like ${what} in ${JSON.stringify(text)}`)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      return text
    },
    closed,
    end: () => void socket.destroy()
  }
}
