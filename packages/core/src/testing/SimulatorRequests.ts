import { Redacted } from "effect"
import { type Actor, localOwner } from "../identity/Identity.ts"
import { AgentId, type AssetId, ModelId, OrganizationId } from "../kernel/Ids.ts"
import type { JsonObject } from "../kernel/Json.ts"
import { Proportion } from "../kernel/Media.ts"
import { ticks } from "../kernel/Money.ts"
import type { ImageRequest } from "../studio/Request.ts"
import type { Chance } from "./SimulatorChance.ts"

/** A pretended caller and what they were given at the start, in credits. */
export interface Payer {
  readonly actor: Actor
  readonly free: number
  readonly paid: number
}

const payer = (name: string, own: Pick<Actor, "metered" | "dailyJobs">, free: number, paid: number): Payer => ({
  actor: {
    ...localOwner,
    ...own,
    ref: {
      actor_type: "agent",
      actor_id: AgentId.make(`agt_${name}`),
      organization_id: OrganizationId.make(`org_${name}`),
      claim_state: "unclaimed"
    }
  },
  free,
  paid
})

/** One who can pay, one who soon cannot, one who is capped by the day, one who is not metered. */
export const payers = {
  rich: payer("rich", { metered: true, dailyJobs: null }, 60, 400),
  poor: payer("poor", { metered: true, dailyJobs: null }, 14, 9),
  capped: payer("capped", { metered: true, dailyJobs: 2 }, 100, 0),
  owner: payer("owner", { metered: false, dailyJobs: null }, 0, 0)
} as const

export const allPayers: readonly [Payer, ...ReadonlyArray<Payer>] = [
  payers.rich,
  payers.poor,
  payers.capped,
  payers.owner
]

/** A request with nothing special about it. */
export const plainRequest = (own: Partial<ImageRequest> = {}): ImageRequest => ({
  command: "create",
  prompt: Redacted.make("a lighthouse"),
  modelId: ModelId.make("fake.known"),
  providerId: null,
  intent: null,
  aspectRatio: "auto",
  outputCount: 1,
  parameters: {},
  image: null,
  mask: null,
  references: [],
  budget: { perImage: null, whole: null, acceptUnknownCost: true },
  ...own
})

const models = [
  ["known", 4],
  ["known", 4],
  ["megapixel", 2],
  ["unknown", 2],
  ["unknown", 1],
  ["batch", 8],
  ["batch", 8],
  ["queue", 2],
  ["queue", 2],
  ["queue", 2],
  ["queue", 1],
  ["free", 2],
  ["elements", 1],
  ["ending", 1],
  ["retired", 1],
  ["cataloged", 1],
  ["unpriced", 1],
  ["nowhere", 1]
] as const

const parametersFor: { readonly [name: string]: readonly [JsonObject, ...ReadonlyArray<JsonObject>] } = {
  known: [{}, { seed: 4 }, { style: "bold", strength: 0.25 }, { seed: -1 }, { steps: 3 }, { n: 2 }],
  batch: [{}, { quality: "low" }, { quality: "high" }, { quality: "high", size: "wide" }],
  megapixel: [{}, { width: 64, height: 2_048 }, { width: 65_536 }]
}

/** Any request that a client could send, good and bad. `secret` is the prompt. */
export const requestByChance = (chance: Chance, secret: string, images: ReadonlyArray<AssetId>): ImageRequest => {
  const image = chance.happens(0.2) ? (chance.pickAny(images) ?? null) : null
  const [name, most] = chance.pick(models)
  const edited = chance.pick(["edit", "edit", "edit", "grade"])
  const mask = image !== null && chance.happens(0.4) ? (chance.pickAny(images) ?? null) : null
  const reference = image !== null && chance.happens(0.4) ? chance.pickAny(images) : undefined
  return plainRequest({
    command: image === null ? "create" : "edit",
    prompt: Redacted.make(secret),
    modelId: chance.happens(0.08) ? null : ModelId.make(`fake.${image === null ? name : edited}`),
    intent: chance.pick([null, "explore", "final"]),
    aspectRatio: chance.pick(["auto", "auto", Proportion.make("1:1"), Proportion.make("3:2")]),
    outputCount: chance.happens(0.5) ? 1 : 1 + chance.below(image === null ? most : 4),
    parameters: image === null ? chance.pick(parametersFor[name] ?? [{}]) : {},
    image,
    mask,
    references: reference === undefined ? [] : [{ asset_id: reference, role: "reference_image", index: 0 }],
    budget: {
      perImage: chance.happens(0.1) ? ticks("0.04") : null,
      whole: chance.happens(0.1) ? ticks("0.25") : null,
      acceptUnknownCost: chance.happens(0.8)
    }
  })
}
