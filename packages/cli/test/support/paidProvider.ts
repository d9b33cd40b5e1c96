import { createServer, type ServerResponse } from "node:http"
import { smallPng } from "./hostile.ts"

/** A provider of OpenAI's shape: counts what is paid for, and answers when it is let to. */
export const startPaidProvider = async () => {
  const waiting: Array<ServerResponse> = []
  let paidCount = 0
  let isHolding = false
  const answer = (response: ServerResponse) =>
    response.writeHead(200, { "content-type": "application/json" }).end(
      JSON.stringify({
        created: 1,
        data: [{ b64_json: smallPng().toString("base64") }],
        usage: { input_tokens: 9, output_tokens: 272, total_tokens: 281 }
      })
    )
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      paidCount += 1
      if (isHolding) waiting.push(response)
      else answer(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" ? address?.port : 0
  return {
    environment: { OPENAI_API_KEY: "sk-test", OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1` },
    paid: () => paidCount,
    /** From now on answers wait for `release`. */
    hold: () => {
      isHolding = true
    },
    release: () => {
      isHolding = false
      for (const response of waiting.splice(0)) answer(response)
    },
    stop: () => {
      server.closeAllConnections()
      server.close()
    }
  }
}
