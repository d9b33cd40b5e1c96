// What the benchmarks and the soak of the server stand on: the built CLI as a server, a provider of OpenAI's shape that
// answers at once, and an agent. `IMAGE_SKILL_BIN` names another CLI than packages/cli/bin/image-skill.js.
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { Agent, createServer, request } from "node:http"
import { createInterface } from "node:readline"
import { crc32, deflateSync } from "node:zlib"

const binary = process.env["IMAGE_SKILL_BIN"] ?? "packages/cli/bin/image-skill.js"
/** Unix clock ticks of `/proc/PID/stat`: a hundred a second on every Linux that we know. */
const millisPerTick = 10

/**
 * @param {string} type
 * @param {Uint8Array} body
 */
const chunk = (type, body) => {
  const typed = Buffer.concat([Buffer.from(type, "latin1"), body])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(body.length)
  sum.writeUInt32BE(crc32(typed))
  return Buffer.concat([length, typed, sum])
}

/**
 * A PNG that is not compressed: three bytes a pixel.
 *
 * @param {number} side pixels
 */
export const plainPng = (side) => {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(side * 3, "image")])
  const pixels = deflateSync(Buffer.concat(Array.from({ length: side }, () => row)), { level: 0 })
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))])
}

/**
 * The answer of OpenAI's Images API with this image in it.
 *
 * @param {Buffer} image
 */
export const replyWith = (image) =>
  Buffer.from(
    `{"created":1,"data":[{"b64_json":"${image.toString("base64")}"}],"usage":{"input_tokens":9,"output_tokens":1056,"total_tokens":1065,"input_tokens_details":{"text_tokens":9,"image_tokens":0}}}`
  )

/**
 * A provider that answers at once.
 *
 * @param {Buffer} reply
 */
export const openProvider = async (reply) => {
  let calls = 0
  const server = createServer((asked, response) => {
    asked.resume().on("end", () => {
      calls += 1
      response.writeHead(200, { "content-type": "application/json", "content-length": reply.length })
      response.end(reply)
    })
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("a TCP server has an address")
  return {
    url: `http://127.0.0.1:${address.port}`,
    calls: () => calls,
    close: () => {
      server.closeAllConnections()
      server.close()
    }
  }
}

/**
 * Starts a server on a data folder, without rate limits and daily caps, and with the provider's address as OpenAI's.
 *
 * @param {string} folder
 * @param {{ provider?: string }} [options]
 */
export const openServer = async (folder, options = {}) => {
  const child = spawn(process.execPath, [binary, "serve", "--port", "0", "--data-dir", folder, "--json"], {
    env: {
      PATH: process.env["PATH"],
      HOME: folder,
      IMAGE_SKILL_CODE_CACHE: "off",
      IMAGE_SKILL_RATE_LIMIT: "off",
      IMAGE_SKILL_DAILY_JOBS: "off",
      IMAGE_SKILL_FREE_CREDITS: "1000000",
      ...(options.provider === undefined ? {} : { OPENAI_API_KEY: "bench", OPENAI_BASE_URL: options.provider })
    },
    stdio: ["ignore", "pipe", "inherit"]
  })
  const ended = once(child, "close")
  const lines = createInterface({ input: child.stdout })
  const [line] = await Promise.race([once(lines, "line"), ended.then(() => ["{}"])])
  const url = JSON.parse(String(line)).data?.url
  if (typeof url !== "string") throw new Error(`the server did not start: ${line}`)
  const agent = new Agent({ keepAlive: true })
  let token = ""

  /**
   * @param {string} method
   * @param {string} path
   * @param {unknown} [body]
   * @returns {Promise<{ status: number, envelope: any, millis: number }>}
   */
  const ask = (method, path, body) =>
    new Promise((resolve, reject) => {
      const since = performance.now()
      const headers = {
        "content-type": "application/json",
        ...(token === "" ? {} : { authorization: `Bearer ${token}` })
      }
      const asked = request(`${url}${path}`, { method, agent, headers }, (response) => {
        let text = ""
        response.setEncoding("utf8").on("data", (part) => {
          text += part
        })
        response.on("end", () => {
          const millis = performance.now() - since
          resolve({ status: response.statusCode ?? 0, envelope: JSON.parse(text), millis })
        })
      })
      asked.on("error", reject)
      asked.end(body === undefined ? undefined : JSON.stringify(body))
    })

  return {
    ask,
    /** A new agent, whose token is sent from now on; answers its organization. */
    join: async () => {
      const { envelope } = await ask("POST", "/v1/agent-signups", { agent_name: "bench", return_token: true })
      token = envelope.data.token
      return String(envelope.actor.organization_id)
    },
    /** Drops the connections that are kept: the server ends those that were silent for long. */
    reconnect: () => agent.destroy(),
    /** User and system time so far. */
    cpuMillis: () => {
      const fields = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? []
      return (Number(fields[11]) + Number(fields[12])) * millisPerTick
    },
    residentMegabytes: () => {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8")
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024
    },
    close: async () => {
      agent.destroy()
      child.kill("SIGTERM")
      await ended
    }
  }
}

/**
 * @param {ReadonlyArray<number>} values
 * @param {number} share
 */
export const percentile = (values, share) =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? Number.NaN

/** A create of one image, asked of the model whose provider is ours. */
export const create = { prompt: "a hill", model: "openai.gpt-image-1.5", model_parameters: { quality: "low" } }
