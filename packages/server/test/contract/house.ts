import { type OpenApiDocument, openApiDocument } from "@image-skill/core/api/OpenApiDocument"
import { Envelope } from "@image-skill/core/kernel/Envelope"
import { Option, Schema } from "effect"
import { layerAgents } from "../../src/identity/Callers.ts"
import type { HouseToServe } from "../../src/serve/Serve.ts"
import { stripeSettings } from "../payments/house.ts"
import { type StripeEmulator, startStripe } from "../payments/stripeEmulator.ts"
import { onFolder, textOf } from "../serve/house.ts"
import { standIn } from "./plugin.ts"

export const operatorToken = "the-operators-token-of-this-test"

const decodeEnvelope = Schema.decodeUnknownOption(Schema.parseJson(Envelope), { onExcessProperty: "error" })

export interface Asked {
  readonly method: string
  readonly path: string
  readonly token?: string | undefined
  /** Sent as JSON, unless it is a text or bytes already. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answered {
  readonly asked: Asked
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Null for what is no envelope. */
  readonly envelope: Envelope | null
}

export interface House {
  readonly url: string
  readonly stripe: StripeEmulator
  readonly ask: (asked: Asked) => Promise<Answered>
  /** A new agent in a new organization: its token. */
  readonly join: () => Promise<string>
}

const bodyOf = (body: unknown) =>
  typeof body === "string" ? body : body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body)

const askAt =
  (url: string): House["ask"] =>
  async (asked) => {
    const { body, headers, method, path, token } = asked
    const response = await fetch(`${url}${path}`, {
      method,
      redirect: "manual",
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers
      },
      ...(body === undefined ? {} : { body: bodyOf(body) }),
      signal: AbortSignal.timeout(15_000)
    })
    const text = await response.text()
    return {
      asked,
      status: response.status,
      headers: response.headers,
      text,
      envelope: Option.getOrNull(decodeEnvelope(text))
    }
  }

/** A house on loopback with everything on: two ways to pay, an operator, and a provider that answers at once. */
export const inContractHouse = async <A>(
  use: (house: House) => Promise<A>,
  own: Partial<HouseToServe> = {}
): Promise<A> => {
  const stripe = await startStripe()
  try {
    return await onFolder(async (start) => {
      const { url } = await start({
        identity: layerAgents,
        plugins: [standIn],
        environment: {
          ...stripeSettings(stripe),
          IMAGE_SKILL_ADMIN_TOKEN: operatorToken,
          IMAGE_SKILL_RATE_LIMIT: "off",
          IMAGE_SKILL_DAILY_JOBS: "off",
          IMAGE_SKILL_FREE_CREDITS: "5000"
        },
        ...own
      })
      const ask = askAt(url)
      let agents = 0
      const join = async () => {
        agents += 1
        // A harness: where a live rail is set, the fake one is for it alone.
        const body = { human_email: `agent${agents}@example.invalid`, return_token: true }
        const { envelope } = await ask({ method: "POST", path: "/v1/agent-signups", body })
        return textOf(envelope?.data?.["token"])
      }
      return use({ url, stripe, ask, join })
    })
  } finally {
    await stripe.stop()
  }
}

const patternOf = (path: string) => new RegExp(`^${path.replace(/[.]/g, "\\.").replace(/\{[^}]+\}/g, "[^/]+")}$`)

/** The operation of the contract that a request is. */
export const operationOf = (document: OpenApiDocument, { method, path }: Pick<Asked, "method" | "path">) => {
  const { pathname } = new URL(path, "http://localhost")
  for (const [template, item] of Object.entries(document.paths)) {
    const operation = item[method === "HEAD" ? "get" : method.toLowerCase()]
    if (operation !== undefined && patternOf(template).test(pathname)) return operation
  }
  return undefined
}

export const contract = openApiDocument()
