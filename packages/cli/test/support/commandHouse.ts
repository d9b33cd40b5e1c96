import { join } from "node:path"
import { startStripe, stripeKey, webhookSecret } from "../../../server/test/payments/stripeEmulator.ts"
import { makeMachine, type SpawnOptions } from "./binary.ts"
import { startPaidProvider } from "./paidProvider.ts"
import { startServer } from "./server.ts"

const adminToken = "an-operator-token-of-the-tests-0123456789"

const textOf = (value: unknown, path: string): string =>
  String(path.split(".").reduce<unknown>((at, name) => Object(at)[name], value))

export const small = ["--model", "local.procedural", "--model-parameters-json", '{"width":96,"height":64}']
const paid = ["--model", "openai.gpt-image-1.5", "--model-parameters-json", '{"quality":"low"}']

/** A machine on which every command can be used: with a server that sells, or on its own with a provider's key. */
export const openWorking = async (mode: "remote" | "embedded") => {
  const machine = makeMachine()
  const provider = await startPaidProvider()
  const stripe = await startStripe()
  const isRemote = mode === "remote"
  const server = isRemote
    ? await startServer(join(machine.path, "server"), {
        ...provider.environment,
        IMAGE_SKILL_ADMIN_TOKEN: adminToken,
        IMAGE_SKILL_FAKE_PAYMENTS: "on",
        STRIPE_SECRET_KEY: stripeKey,
        STRIPE_WEBHOOK_SECRET: webhookSecret,
        STRIPE_API_BASE_URL: stripe.url
      })
    : null
  const environment: Record<string, string> = isRemote ? { IMAGE_SKILL_ADMIN_TOKEN: adminToken } : provider.environment
  const run = (argv: ReadonlyArray<string>, options: SpawnOptions = {}) =>
    machine.run(argv, { ...options, environment: { ...environment, ...options.environment } })
  const told = async (path: string, ...argv: ReadonlyArray<string>): Promise<string> => {
    const { envelope } = await run(argv)
    if (envelope.error !== null) throw new Error(`${argv.join(" ")}: ${envelope.error.message}`)
    return textOf(envelope.data, path)
  }
  const at = server === null ? [] : ["--api-base-url", server.url]
  // A harness's contact: with a live rail on, play money is for those only.
  const signup = ["signup", "--agent", "--agent-contact", "ops@example.invalid", "--show-token", ...at]
  const [token, otherAgent] = isRemote
    ? [await told("token", ...signup), await told("actor.actor_id", ...signup)]
    : ["", ""]
  if (isRemote) await run(["auth", "save", "--token-stdin", ...at], { stdin: token })
  const job = await told("job_id", "create", "--prompt", "a hill", ...small)
  provider.behave("hang-up")
  await run(["create", "--prompt", "lost", ...paid])
  provider.behave("image")
  provider.hold()
  const held = isRemote ? await told("job_id", "create", "--prompt", "held", ...paid, "--no-wait") : null
  const live = ["credits", "quote", "--pack", "starter-500", "--payment-method", "stripe_checkout"]
  const bought = isRemote ? await told("quote_id", ...live) : ""
  const buy = ["credits", "buy", "--quote-id", bought, "--idempotency-key", "b0"]
  const facts = {
    url: server?.url ?? null,
    ...{ token, otherAgent, job, held },
    asset: await told("job.assets.0.asset_id", "jobs", "show", job),
    capability: await told("job.capability.id", "jobs", "show", job),
    agent: await told("actor.actor_id", "whoami"),
    organization: await told("actor.organization_id", "whoami"),
    fakeQuote: isRemote ? await told("quote_id", "credits", "quote", "--credits", "10") : "",
    liveQuote: isRemote ? await told("quote_id", ...live) : "",
    payment: isRemote ? await told("payment_attempt_id", ...buy) : "",
    invite: await told("invite.invite_id", "admin", "invites", "create"),
    unknown: await told("unknown.0.attempt_id", "admin", "unknown", "list")
  }
  return {
    ...{ facts, machine, run, small },
    close: async () => {
      provider.release()
      await server?.stop()
      await stripe.stop()
      provider.stop()
      machine.remove()
    }
  }
}

export type Working = Awaited<ReturnType<typeof openWorking>>
