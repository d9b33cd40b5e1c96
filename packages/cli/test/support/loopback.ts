import { createServer, type RequestListener, type Server } from "node:http"
import { afterEach } from "vitest"

/** Opens servers on loopback for the tests of one file; each is cut off when its test has ended. */
export const loopback = () => {
  const servers: Array<Server> = []
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      server.close()
    }
  })
  return async (answer: RequestListener) => {
    const server = createServer(answer)
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const address = server.address()
    return {
      url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
      close: () => new Promise((resolve) => server.close(resolve))
    }
  }
}
