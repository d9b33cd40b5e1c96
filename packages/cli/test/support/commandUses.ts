import type { Working } from "./commandHouse.ts"

/** A call of a command that succeeds, what its `data` then holds, and the file that it writes. */
export interface Use {
  readonly argv: ReadonlyArray<string>
  readonly holds: ReadonlyArray<string>
  readonly writes?: string
  /** The agent's token, on stdin. */
  readonly takesToken?: boolean
}

const use = (holds: string, ...argv: ReadonlyArray<string>): Use => ({ holds: holds.split(" "), argv })

const key = (name: string) => ["--idempotency-key", name]
const why = ["--reason", "a test"]

/** Every command, in an order that leaves what later ones need. Null where there is nothing to use it on. */
export const usesOf = ({ facts, small }: Working): Readonly<Record<string, Use | null>> => {
  const isRemote = facts.url !== null
  const remote = (one: () => Use): Use | null => (isRemote ? one() : null)
  const { asset, capability, job, organization } = facts
  return {
    help: use("commands", "help"),
    version: use("name version", "version"),
    doctor: use("status checks client in_flight", "doctor"),
    skill: { ...use("output format", "skill", "--output", "SKILL.md"), writes: "SKILL.md" },
    completions: { ...use("output load_command", "completions", "fish", "--output", "a.fish"), writes: "a.fish" },
    "models overview": use("best", "models", "overview"),
    "models find": use("models", "models", "find", "upscale", "--limit", "2"),
    "models list": use("models", "models", "list", "--provider", "local"),
    "models show": use("model", "models", "show", "local.procedural"),
    "capabilities list": use("capabilities", "capabilities", "list"),
    "capabilities show": use("capability", "capabilities", "show", capability),
    create: {
      ...use("job_id assets cost request safety output", "create", "--prompt", "x", ...small, "--output", "new.png"),
      writes: "new.png"
    },
    edit: {
      ...use("job_id assets input_asset", "edit", "--input", "new.png", "--model", "local.resize"),
      ...{
        argv: [
          "edit",
          "--input",
          "new.png",
          "--model",
          "local.resize",
          "--model-parameters-json",
          '{"scale":2}',
          "--output",
          "edited.png"
        ]
      },
      writes: "edited.png"
    },
    upload: use("asset upload request", "upload", "new.png"),
    "assets list": use("assets next_cursor", "assets", "list", "--limit", "2"),
    "assets show": use("asset request", "assets", "show", asset),
    "assets get": { ...use("asset output", "assets", "get", asset, "--output", "got.png"), writes: "got.png" },
    "assets delete": use("asset deleted", "assets", "delete", asset),
    "jobs list": use("jobs next_cursor", "jobs", "list", "--limit", "1"),
    "jobs show": use("job", "jobs", "show", job),
    "jobs wait": use("job", "jobs", "wait", job, "--timeout-ms", "1000"),
    "jobs cancel": facts.held === null ? null : use("job", "jobs", "cancel", facts.held),
    "activity list": use("events source", "activity", "list", "--subject", job),
    "activity show": use("events", "activity", "show", job),
    signup: remote(() =>
      use("actor token token_presented", "signup", "--agent", "--show-token", "--api-base-url", String(facts.url))
    ),
    whoami: { ...use("authenticated actor grants", "whoami"), takesToken: isRemote },
    "auth status": use("authenticated mode", "auth", "status"),
    "auth save": remote(() => ({ ...use("actor saved", "auth", "save"), takesToken: true })),
    "usage quota": use("credits daily_jobs", "usage", "quota"),
    "credits methods": use("methods contract_version", "credits", "methods"),
    "credits packs list": use("packs default_pack_id", "credits", "packs", "list"),
    "credits quote": use("quote_id credits price_amount_cents", "credits", "quote", "--credits", "10"),
    "credits buy": remote(() =>
      use("checkout_handoff_url payment_attempt_id next", "credits", "buy", "--quote-id", facts.liveQuote, ...key("b1"))
    ),
    "credits fake-purchase": remote(() =>
      use("receipt_id credits_granted", "credits", "fake-purchase", "--quote-id", facts.fakeQuote, ...key("f1"))
    ),
    "credits status": remote(() => use("state quote", "credits", "status", "--quote-id", facts.fakeQuote)),
    "feedback create": use(
      "feedback_id quality",
      "feedback",
      "create",
      "--title",
      "Short",
      "--body",
      "What happened, and why it matters",
      "--allow-weak-signal"
    ),
    "admin agents list": use("agents", "admin", "agents", "list"),
    "admin agents show": remote(() => use("agent", "admin", "agents", "show", facts.agent)),
    "admin agents grants": remote(() =>
      use("agent_id grants", "admin", "agents", "grants", facts.otherAgent, "--grants", "create,quota", ...why)
    ),
    "admin jobs list": use("jobs", "admin", "jobs", "list"),
    "admin credits grant": remote(() =>
      use(
        "credits credits_granted",
        "admin",
        "credits",
        "grant",
        "--organization",
        organization,
        "--credits",
        "5",
        ...why
      )
    ),
    "admin credits revoke": remote(() =>
      use("credits", "admin", "credits", "revoke", "--organization", organization, "--credits", "2", ...why)
    ),
    "admin tokens rotate": remote(() => use("token", "admin", "tokens", "rotate", facts.otherAgent, ...why)),
    "admin tokens revoke": remote(() => use("agent_id", "admin", "tokens", "revoke", facts.otherAgent, ...why)),
    "admin invites create": use("invite_code", "admin", "invites", "create", "--uses", "2"),
    "admin invites list": use("invites", "admin", "invites", "list"),
    "admin invites revoke": use("invite_id uses_left", "admin", "invites", "revoke", facts.invite),
    "admin budgets set": use(
      "budget",
      "admin",
      "budgets",
      "set",
      "--organization",
      organization,
      "--period",
      "day",
      "--limit-usd",
      "9"
    ),
    "admin budgets list": use("budgets", "admin", "budgets", "list"),
    "admin spend": use("spend total", "admin", "spend", "--by", "model"),
    "admin unknown list": use("unknown", "admin", "unknown", "list"),
    "admin unknown resolve":
      facts.unknown === null
        ? null
        : use("unknown", "admin", "unknown", "resolve", "--attempt", facts.unknown, "--outcome", "not_charged", ...why),
    "admin exposure": use("exposure_usd open_unknown", "admin", "exposure"),
    "admin acts list": use("acts", "admin", "acts", "list"),
    "admin audit": use("sound checked", "admin", "audit"),
    "admin payments list": use("payments", "admin", "payments", "list"),
    "admin payments events": use("events", "admin", "payments", "events"),
    "admin payments reconcile": remote(() => use("payment", "admin", "payments", "reconcile", facts.payment)),
    "auth logout": use("config_path", "auth", "logout")
  }
}
