import { createServer, type ServerResponse } from "node:http"
import { smallPng } from "./hostile.ts"

/** How the provider answers its next calls: with an image, a refusal, an error of its own, or by hanging up. */
export type Manner = "image" | "refuse" | "break" | "hang-up"

const refusals = {
  refuse: [400, { message: "blocked", type: "image_generation_user_error", code: "moderation_blocked" }],
  break: [500, { message: "broken", type: "server_error" }]
} as const

/** A provider of OpenAI's shape: counts what is paid for, and answers when it is let to. */
export const startPaidProvider = async () => {
  const waiting: Array<ServerResponse> = []
  let paidCount = 0
  let isHolding = false
  let manner: Manner = "image"
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
      if (manner === "hang-up") request.socket.destroy()
      else if (manner !== "image") {
        const [status, error] = refusals[manner]
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ error }))
      } else if (isHolding) waiting.push(response)
      else answer(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" ? address?.port : 0
  return {
    environment: { OPENAI_API_KEY: "sk-test", OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1` },
    paid: () => paidCount,
    behave: (next: Manner) => {
      manner = next
    },
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
