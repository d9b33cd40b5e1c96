import { capabilityOf, type Model, type Price } from "../catalog/Model.ts"
import { ModelId, ProviderId } from "../kernel/Ids.ts"
import { ticks } from "../kernel/Money.ts"

export const fakeProviderId = ProviderId.make("fake")

const price = (own: Partial<Price>): Price => ({
  confidence: "known",
  rule: { kind: "per_image", tiers: [{ when: {}, ticks: ticks("0.05") }] },
  surcharges: [],
  ceiling: null,
  source: "https://fake.example/pricing",
  asOf: "2026-11-22",
  ...own
})

type Own = Partial<Omit<Model, "id" | "displayName" | "provider" | "capability">>

/** A model with everything at its plainest, but for what a test wants of it. */
export const fakeModel = (name: string, own: Own): Model => ({
  id: ModelId.make(`fake.${name}`),
  displayName: `Fake ${name}`,
  provider: fakeProviderId,
  capability: capabilityOf(own.input?.image === "required" ? "edit" : "generate", `fake.${name}`),
  operations: ["image.generate"],
  summary: `A pretended model: ${name}`,
  taskTags: ["test"],
  execution: "executable",
  input: { prompt: "required", promptCharactersMax: 2_000, image: "none", mask: "none", references: null },
  output: {
    mediaTypes: ["image/png"],
    outputsMax: 4,
    outputsPerCall: 1,
    countParameter: null,
    size: { kind: "unknown" },
    resolutionMax: "32x32"
  },
  aspectRatio: { kind: "none" },
  parameters: {},
  price: price({}),
  repeatable: false,
  deadlineMillis: 120_000,
  latency: "fast",
  quality: 10,
  lifecycle: { status: "listed", endsOn: null, replacement: null, note: null },
  safety: { refusalBilled: false, note: "refuses what its script says" },
  migrationHints: [],
  provenance: "generative_model",
  upstream: {},
  ...own
})

const output = fakeModel("plain", {}).output
const input = fakeModel("plain", {}).input
const editInput = { ...input, image: "required" } as const

const known = fakeModel("known", {
  quality: 50,
  parameters: {
    seed: { schema: { type: "integer", minimum: 0, maximum: 1_000 }, execution: "executable" },
    style: {
      schema: { type: "string", enum: ["plain", "bold"] },
      execution: "executable",
      default: "plain",
      description: "How it is drawn"
    },
    strength: { schema: { type: "number", minimum: 0, maximum: 1 }, execution: "executable", providerDefault: 0.5 },
    steps: { schema: { type: "integer" }, execution: "cataloged", reason: "not wired yet" },
    safety_checker: { schema: { type: "boolean" }, execution: "fixed", default: true, reason: "always on" }
  }
})

const megapixel = fakeModel("megapixel", {
  price: price({ rule: { kind: "per_megapixel", ticks: ticks("0.02"), rounding: "up" } }),
  output: {
    ...output,
    outputsMax: 2,
    size: { kind: "dimensions", width: "width", height: "height" },
    resolutionMax: "2048x2048"
  },
  aspectRatio: {
    kind: "dimensions",
    width: "width",
    height: "height",
    pixels: 1_048_576,
    sideMin: 64,
    sideMax: 2_048
  },
  parameters: {
    width: {
      schema: { type: "integer", minimum: 64, maximum: 2_048 },
      execution: "executable",
      providerDefault: 1_024
    },
    height: {
      schema: { type: "integer", minimum: 64, maximum: 2_048 },
      execution: "executable",
      providerDefault: 1_024
    }
  }
})

const unknown = fakeModel("unknown", {
  price: price({ confidence: "unknown", rule: { kind: "unknown" }, ceiling: ticks("0.20") }),
  output: { ...output, outputsMax: 2 }
})

const unpriced = fakeModel("unpriced", {
  price: price({ confidence: "unknown", rule: { kind: "unknown" } })
})

const batch = fakeModel("batch", {
  quality: 40,
  safety: { refusalBilled: true, note: "an image that is held back is billed" },
  price: price({
    rule: {
      kind: "per_image",
      tiers: [
        { when: { quality: ["low"] }, ticks: ticks("0.011") },
        { when: { quality: ["medium"] }, ticks: ticks("0.03") },
        { when: { quality: ["high"], size: ["1024x1024"] }, ticks: ticks("0.09") }
      ]
    },
    ceiling: ticks("0.25"),
    surcharges: [
      { when: {}, ticks: ticks("0.01"), per: "request" },
      { when: { quality: ["high"] }, ticks: ticks("0.02"), per: "image" }
    ]
  }),
  output: {
    ...output,
    outputsMax: 8,
    outputsPerCall: 4,
    countParameter: "n",
    size: { kind: "parameter", name: "size", presets: { wide: { width: 1_536, height: 1_024 } } }
  },
  aspectRatio: { kind: "sizes", name: "size", sizes: { "1:1": "1024x1024", "3:2": "wide" } },
  parameters: {
    size: { schema: { type: "string", enum: ["1024x1024", "wide"] }, execution: "executable" },
    quality: {
      schema: { type: "string", enum: ["low", "medium", "high"] },
      execution: "executable",
      default: "medium"
    }
  }
})

const queue = fakeModel("queue", {
  quality: 30,
  price: price({ rule: { kind: "per_image", tiers: [{ when: {}, ticks: ticks("0.07") }] } }),
  output: { ...output, outputsMax: 2 },
  aspectRatio: { kind: "parameter", name: "aspect_ratio", values: ["1:1", "16:9"] },
  parameters: { aspect_ratio: { schema: { type: "string", enum: ["1:1", "16:9"] }, execution: "executable" } },
  deadlineMillis: 600_000,
  latency: "slow",
  safety: { refusalBilled: true, note: "a refusal is billed" }
})

const edit = fakeModel("edit", {
  operations: ["image.edit"],
  input: {
    ...editInput,
    mask: "optional",
    references: { kind: "images", indexesMax: 3, tasks: ["ip", "style"] }
  },
  price: price({
    confidence: "estimated",
    rule: { kind: "per_image", tiers: [{ when: {}, ticks: ticks("0.04") }] },
    surcharges: [{ when: {}, ticks: ticks("0.003"), per: "input_image" }]
  })
})

const elements = fakeModel("elements", {
  input: {
    ...input,
    references: { kind: "elements", entriesMax: 6, elementsMax: 2, referencesPerElementMax: 2 }
  }
})

const free = fakeModel("free", {
  price: price({ rule: { kind: "per_image", tiers: [{ when: {}, ticks: ticks("0") }] } }),
  repeatable: true,
  latency: "instant",
  provenance: "algorithmic"
})

const grade = fakeModel("grade", {
  operations: ["image.edit"],
  input: { ...editInput, prompt: "optional" },
  price: free.price,
  repeatable: true,
  provenance: "algorithmic"
})

const retired = fakeModel("retired", {
  lifecycle: { status: "retired", endsOn: null, replacement: known.id, note: null }
})

const ending = fakeModel("ending", {
  lifecycle: { status: "deprecated", endsOn: "2099-01-01", replacement: known.id, note: null }
})

const cataloged = fakeModel("cataloged", { execution: { cataloged: "its endpoint is not wired" } })

/** One model for each thing that a model can be. */
export const fakeModels: ReadonlyArray<Model> = [
  known,
  megapixel,
  unknown,
  unpriced,
  batch,
  queue,
  edit,
  elements,
  free,
  grade,
  retired,
  ending,
  cataloged
]
