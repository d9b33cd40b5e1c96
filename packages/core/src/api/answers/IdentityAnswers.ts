import { Schema } from "effect"
import { ActorRef } from "../../kernel/Envelope.ts"
import { count, countOrNull, maybe, ShownCommand, said, Time, TimeOrNull, texts, usdOrNull } from "./parts.ts"

const Actor = ActorRef.annotations({ identifier: "Actor" })
const TokenClass = Schema.Literal("restricted", "local_owner")
const Grants = said(texts, "what the token may do")

export const SignedUp = Schema.Struct({
  actor: Actor,
  token: maybe(said(Schema.String, "once, and only when return_token was true: it cannot be asked for again")),
  token_presented: Schema.Boolean,
  token_class: TokenClass,
  token_created_at: TimeOrNull,
  token_rotated: said(Schema.Boolean, "true when the call carried a token, which has ended now"),
  grants: Grants,
  credits: Schema.Struct({ granted: countOrNull, unlimited: Schema.Boolean }),
  storage: Schema.Struct({ server: Schema.Literal("sha256", "none"), client: Schema.Literal("not_saved") }),
  next: Schema.Array(ShownCommand)
})

export const Identified = Schema.Struct({
  authenticated: Schema.Literal(true),
  actor: Actor,
  organization: Schema.Struct({ organization_id: Schema.String }),
  claim_state: ActorRef.fields.claim_state,
  token_class: TokenClass,
  token_status: Schema.Literal("active", "none"),
  token_created_at: TimeOrNull,
  grants: Grants
})

/** What providers refuse and bill all the same is on the house, within a limit. */
export const BilledRefusals = Schema.Struct({
  limit: said(countOrNull, "null where there is none"),
  used: said(count, "images of today that providers refused and may bill"),
  remaining: said(countOrNull, "at 0 nothing that costs is taken"),
  resets_at: Time
})

export const QuotaAnswer = Schema.Struct({
  credits: Schema.Struct({
    available: said(countOrNull, "free and paid, without what is held; null where credits are not counted"),
    unlimited: Schema.Boolean,
    held: said(count, "for jobs that run"),
    owed: said(countOrNull, "of refunds and disputes, still to be taken from what comes in next"),
    free_remaining: countOrNull,
    paid_remaining: countOrNull,
    spent: said(countOrNull, "where credits are not counted, what was spent all the same"),
    spent_usd: usdOrNull,
    unit_usd: said(Schema.Number, "what one credit is worth")
  }),
  daily_jobs: Schema.Struct({
    limit: said(countOrNull, "null where there is none"),
    used: count,
    remaining: countOrNull,
    resets_at: Time
  }),
  billed_refusals: BilledRefusals,
  models: Schema.Struct({ configured_providers: texts, available: count }),
  top_up: Schema.Array(ShownCommand)
})

const State = Schema.Literal("ok", "not opened", "unavailable")

export const Health = Schema.Struct({
  status: Schema.Literal("ok", "degraded"),
  api_version: Schema.Literal("v1"),
  storage: State,
  database: State,
  providers: Schema.Array(
    Schema.Struct({
      provider_id: Schema.String,
      display_name: Schema.String,
      configured: Schema.Boolean,
      status: said(
        Schema.Literal("available", "unconfigured", "cataloged", "broken"),
        "unconfigured: it lacks a setting; cataloged: its models are shown, and nothing here calls them; broken: its plugin does not load"
      )
    })
  )
})
