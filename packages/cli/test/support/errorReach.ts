import { randomBytes } from "node:crypto"
import { cpSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { ErrorCode } from "@image-skill/core/kernel/Errors"
import { type Ended, makeMachine } from "./binary.ts"
import type { ErrorHouse } from "./errorHouse.ts"
import { startServer } from "./server.ts"

type Reach = (house: ErrorHouse) => Promise<Ended>

/** How a user comes to a code, or why only a server can say it: its answer is passed on all the same. */
export type Way = Reach | { readonly onlyRelayed: string }

const anywhere = new Set<Way>()

/** Refused at a server as it is without one. */
export const isAnywhere = (way: Way) => anywhere.has(way)

const typed = (...argv: ReadonlyArray<string>): Reach => {
  const way: Reach = ({ run }) => run(argv)
  anywhere.add(way)
  return way
}

/** On a machine without a server. */
const alone =
  (...argv: ReadonlyArray<string>): Reach =>
  ({ bare }) =>
    bare.run(argv)

const paying =
  (manner: Parameters<ErrorHouse["provider"]["behave"]>[0]): Reach =>
  async ({ paid, provider, run }) => {
    provider.behave(manner)
    return run(["create", "--prompt", "x", ...paid]).finally(() => provider.behave("image"))
  }

const quoted = ({ told }: ErrorHouse) => told(["credits", "quote", "--credits", "10"], "quote_id")

const bought = (house: ErrorHouse, quote: string) =>
  house.run([
    "credits",
    "fake-purchase",
    "--quote-id",
    quote,
    "--idempotency-key",
    `buy-${randomBytes(4).toString("hex")}`
  ])

const anImage = ({ small, told }: ErrorHouse) =>
  told(["create", "--prompt", "a hill", ...small], "assets", "0", "asset_id")

const decades = String(20 * 365 * 24 * 3_600_000)

/** Another server of its own for a code that needs one. */
const elsewhere = async (
  house: ErrorHouse,
  environment: Readonly<Record<string, string>>,
  use: (server: Awaited<ReturnType<typeof startServer>>, folder: string) => Promise<Ended>
): Promise<Ended> => {
  const folder = join(house.machine.path, `server-${randomBytes(4).toString("hex")}`)
  const server = await startServer(folder, environment)
  try {
    return await use(server, folder)
  } finally {
    await server.stop()
  }
}

/** The built program with a defect in the chunk of one command. */
const runBroken = async ({ machine }: ErrorHouse): Promise<Ended> => {
  const [from, to] = [fileURLToPath(new URL("../..", import.meta.url)), join(machine.path, "broken")]
  for (const part of ["bin", "dist", "package.json"]) cpSync(join(from, part), join(to, part), { recursive: true })
  for (const name of readdirSync(join(to, "dist")).filter((one) => one.startsWith("doctor-"))) {
    writeFileSync(join(to, "dist", name), "throw new Error('a defect')")
  }
  return machine.run(["doctor"], { binary: join(to, "bin/image-skill.js") })
}

export const ways: Readonly<Record<ErrorCode, Way>> = {
  INVALID_ARGUMENTS: typed("create"),
  ROUTE_NOT_FOUND: ({ run, server }) => run(["whoami", "--api-base-url", `${server.url}/no/such/house`]),
  METHOD_NOT_ALLOWED: { onlyRelayed: "the API has every method that the CLI uses; a server of before may lack one" },
  BODY_TOO_LARGE: { onlyRelayed: "the largest upload that the CLI reads fits in a body" },
  PUBLIC_CLI_COMMAND_NOT_AVAILABLE: typed("creat", "--prompt", "x"),
  MODEL_NOT_FOUND: typed("models", "show", "no.such"),
  CAPABILITY_NOT_FOUND: typed("capabilities", "show", "no.such"),
  ASSET_NOT_FOUND: typed("assets", "show", "image_nope"),
  JOB_NOT_FOUND: typed("jobs", "cancel", "job_nope"),
  ACTIVITY_NOT_FOUND: typed("activity", "show", "evt_nope"),
  CREDIT_QUOTE_NOT_FOUND: (house) => bought(house, "quote_nope"),
  PAYMENT_REFERENCE_NOT_FOUND: typed("credits", "status", "--receipt-id", "receipt_nope"),
  MODEL_PARAMETERS_INVALID: typed(
    "create",
    "--prompt",
    "x",
    "--model",
    "local.procedural",
    "--model-parameters-json",
    '{"width":5}'
  ),
  MODEL_PARAMETER_NOT_EXECUTABLE: typed(
    ...["create", "--prompt", "x", "--model", "fal.flux-pro-v1-1-ultra"],
    ...["--model-parameters-json", '{"image_prompt_strength":0.5}']
  ),
  PROVIDER_NATIVE_FIELD_DENIED: typed(
    "create",
    "--prompt",
    "x",
    "--model",
    "openai.gpt-image-1.5",
    "--model-parameters-json",
    '{"n":2}'
  ),
  REFERENCES_NOT_SUPPORTED: typed(
    "create",
    "--prompt",
    "x",
    "--model",
    "local.procedural",
    "--reference-image",
    "good.png"
  ),
  MASK_NOT_SUPPORTED: typed("edit", "--input", "good.png", "--mask", "good.png", "--model", "local.grade"),
  OUTPUT_COUNT_NOT_SUPPORTED: typed("edit", "--input", "good.png", "--model", "local.grade", "--output-count", "2"),
  OPERATION_NOT_SUPPORTED: typed("create", "--prompt", "x", "--model", "local.resize"),
  MODEL_NOT_EXECUTABLE: typed("create", "--prompt", "x", "--provider", "google"),
  REFERENCES_INVALID: typed(
    "create",
    "--prompt",
    "x",
    "--model",
    "fal.dreamo",
    "--reference-image",
    "good.png@5",
    "--dry-run"
  ),
  // Before the day on which its provider ends it, the clock must be ahead.
  MODEL_RETIRED: ({ bare, clocked }) =>
    bare.run(["create", "--prompt", "x", "--model", "openai.gpt-image-1.5", "--dry-run"], {
      environment: { ...clocked, CLOCK_AHEAD_MILLIS: decades }
    }),
  AUTH_REQUIRED: ({ bare, server }) => bare.run(["whoami", "--api-base-url", server.url]),
  TOKEN_INVALID: ({ run }) => run(["whoami"], { environment: { IMAGE_SKILL_TOKEN: `isk_r_${"0".repeat(48)}` } }),
  TOKEN_REVOKED: async ({ adminToken, server, textOf }) => {
    const other = makeMachine()
    const signed = await other.run(["signup", "--agent", "--save", "--api-base-url", server.url])
    const agent = textOf(signed.envelope.data, "actor", "actor_id")
    await other.run(["admin", "tokens", "revoke", agent, "--reason", "a test"], {
      environment: { IMAGE_SKILL_ADMIN_TOKEN: adminToken }
    })
    return other.run(["whoami"]).finally(other.remove)
  },
  // Behind a public name, signup is closed.
  CAPABILITY_DENIED: (house) =>
    elsewhere(house, { IMAGE_SKILL_PUBLIC_URL: "https://images.example" }, ({ port }) =>
      house.bare.run(["signup", "--agent", "--show-token", "--api-base-url", `http://127.0.0.1:${port}`])
    ),
  QUOTA_EXCEEDED: ({ run }) =>
    run([
      ...["create", "--prompt", "x", "--model", "openai.gpt-image-1.5", "--output-count", "10"],
      ...["--model-parameters-json", '{"quality":"high"}']
    ]),
  RATE_LIMITED: (house) =>
    elsewhere(house, { IMAGE_SKILL_RATE_LIMIT: "on" }, async ({ url }) => {
      const headers = { authorization: `Bearer isk_r_${"0".repeat(48)}` }
      for (let guess = 0; guess < 25; guess += 1) await fetch(`${url}/v1/whoami`, { headers })
      return house.bare.run(["whoami", "--api-base-url", url], { environment: { IMAGE_SKILL_TOKEN: "isk_r_0123" } })
    }),
  BUDGET_EXCEEDED: ({ paid, run }) => run(["create", "--prompt", "x", ...paid, "--max-usd", "0.001"]),
  BUDGET_REQUIRES_CONFIRMATION: typed(
    "edit",
    "--input",
    "good.png",
    "--prompt",
    "x",
    "--model",
    "openai.gpt-image-1.5-edit"
  ),
  CONTENT_POLICY_DENIED: paying("refuse"),
  INPUT_POLICY_DENIED: typed("upload", "text.png"),
  PROVIDER_UNAVAILABLE: typed("create", "--prompt", "x", "--model", "fal.flux-dev"),
  PROVIDER_FAILURE: paying("break"),
  PROVIDER_OUTCOME_UNKNOWN: paying("hang-up"),
  HOSTED_API_REQUEST_FAILED: alone("whoami", "--api-base-url", "http://127.0.0.1:1"),
  TIMEOUT: async ({ heldJob, paid, provider, run }) => {
    const job = await heldJob("create", "--prompt", "slow", ...paid)
    return run(["jobs", "wait", job, "--timeout-ms", "50"]).finally(provider.release)
  },
  ARTIFACT_STORAGE_WRITE_FAILED: async (house) => {
    const own = makeMachine()
    return elsewhere(house, {}, async ({ url }, folder) => {
      await own.run(["signup", "--agent", "--save", "--api-base-url", url])
      rmSync(join(folder, "blobs"), { recursive: true, force: true })
      writeFileSync(join(folder, "blobs"), "a file in the way")
      return own.run(["create", "--prompt", "x", ...house.small])
    }).finally(own.remove)
  },
  STORAGE_UNAVAILABLE: ({ bare, small }) =>
    bare.run(["create", "--prompt", "x", ...small, "--data-dir", "/dev/null/x"]),
  OUTPUT_EXISTS: ({ run, small }) => run(["create", "--prompt", "x", ...small, "--output", "good.png"]),
  OUTPUT_WRITE_FAILED: ({ run, small }) => run(["create", "--prompt", "x", ...small, "--output", "no/such/folder.png"]),
  PUBLIC_CLI_CONFIG_WRITE_FAILED: ({ bare, server }) =>
    bare.run(["signup", "--agent", "--save", "--api-base-url", server.url], {
      environment: { IMAGE_SKILL_CONFIG_PATH: "/dev/null/config.json" }
    }),
  FILE_READ_FAILED: typed("upload", "none.png"),
  REMOTE_UPLOAD_FETCH_FAILED: typed("upload", "http://127.0.0.1:1/a.png"),
  ASSET_DOWNLOAD_FAILED: async (house) => {
    const id = await anImage(house)
    const blobs = join(house.folder, "blobs")
    const found = readdirSync(blobs, { recursive: true })
      .map(String)
      .filter((name) => name.includes(id))
    for (const name of found) rmSync(join(blobs, name))
    return house.run(["assets", "get", id, "--output", "gone.png"])
  },
  ASSET_IN_USE: async (house) => {
    const id = await anImage(house)
    const edit = [
      "edit",
      "--input",
      id,
      "--prompt",
      "x",
      "--model",
      "openai.gpt-image-1.5-edit",
      "--accept-unknown-cost"
    ]
    await house.heldJob(...edit)
    return house.run(["assets", "delete", id]).finally(house.provider.release)
  },
  JOB_NOT_CANCELABLE: async ({ run, small, told }) =>
    run(["jobs", "cancel", await told(["create", "--prompt", "x", ...small], "job_id")]),
  WEBHOOK_SIGNATURE_INVALID: { onlyRelayed: "only payment rails call webhooks" },
  CREDIT_QUOTE_CONFLICT: async ({ run }) => {
    const quote = (credits: string) => run(["credits", "quote", "--credits", credits, "--idempotency-key", "terms-1"])
    await quote("10")
    return quote("20")
  },
  IDEMPOTENCY_CONFLICT: async ({ run, small }) => {
    const create = (prompt: string) => run(["create", "--prompt", prompt, ...small, "--idempotency-key", "words-1"])
    await create("one")
    return create("two")
  },
  // The last that needs the house's clock: an hour later tokens are good and quotes are not.
  CREDIT_QUOTE_EXPIRED: async (house) => {
    const quote = await quoted(house)
    house.server.signal("SIGUSR2")
    return bought(house, quote)
  },
  CREDIT_QUOTE_CONSUMED: async (house) => {
    const quote = await quoted(house)
    await bought(house, quote)
    return bought(house, quote)
  },
  PAYMENT_METHOD_UNAVAILABLE: alone("credits", "fake-purchase", "--quote-id", "quote_nope", "--idempotency-key", "k"),
  INTERRUPTED: async ({ machine, paid, provider }) => {
    provider.hold()
    return machine
      .run(["create", "--prompt", "x", ...paid], { onStderr: (kill) => setTimeout(() => kill("SIGINT"), 1000) })
      .finally(provider.release)
  },
  INTERNAL: runBroken
}
