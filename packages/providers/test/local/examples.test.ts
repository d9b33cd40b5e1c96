import { parseArgs } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { EditPayload, requestOf } from "@image-skill/core/api/StudioApi"
import type { Asset } from "@image-skill/core/assets/Asset"
import { AssetId, JobId, OrganizationId } from "@image-skill/core/kernel/Ids"
import { defaultMultiplier } from "@image-skill/core/kernel/Money"
import { fullJson } from "@image-skill/core/studio/ModelCard"
import { plan } from "@image-skill/core/studio/Planner"
import { fakeModels } from "@image-skill/core/testing/FakeProviderModels"
import { Either, Schema } from "effect"
import { models as falModels } from "../../src/fal/models.ts"
import { models as localModels } from "../../src/local/models.ts"
import { openai } from "../../src/openai/plugin.ts"
import { xai } from "../../src/xai/plugin.ts"

const picture: Asset = {
  id: AssetId.make("image_example"),
  organizationId: OrganizationId.make("org_one"),
  jobId: JobId.make("job_one"),
  kind: "uploaded",
  mediaType: "image/png",
  bytes: 1_000,
  width: 1_024,
  height: 1_024,
  sha256: "",
  provenance: "uploaded",
  createdAt: 0
}

const flag = { type: "string" } as const
const flags = {
  ...{ model: flag, prompt: flag, input: flag, mask: flag, "model-parameters-json": flag },
  "reference-image": { type: "string", multiple: true },
  "accept-unknown-cost": { type: "boolean" },
  "dry-run": { type: "boolean" },
  json: { type: "boolean" }
} as const

/** The words of a line as a shell would split it. */
const wordsOf = (line: string) =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, bare]) => double ?? single ?? bare ?? "")

/** What the CLI makes of the command: refuses an unknown flag, and uploads the picture for each placeholder. */
const requestFrom = (line: string) => {
  const { positionals, values } = parseArgs({ args: wordsOf(line), options: flags, allowPositionals: true })
  assert.isTrue(values["dry-run"] === true && values.json === true, line)
  const [program, command] = positionals
  assert.isTrue(positionals.length === 2 && program === "image-skill", line)
  assert(command === "create" || command === "edit", line)
  const payload = Schema.decodeUnknownSync(EditPayload)({
    model: values.model,
    prompt: values.prompt,
    ...(values.input === "IMAGE" ? { input_asset_id: picture.id } : {}),
    ...(values.mask === "MASK" ? { mask_asset_id: picture.id } : {}),
    references: (values["reference-image"] ?? []).map((_, index) => ({
      ...{ asset_id: picture.id, role: "reference_image", index }
    })),
    model_parameters: JSON.parse(values["model-parameters-json"] ?? "{}"),
    accept_unknown_cost: values["accept-unknown-cost"] ?? false
  })
  return Either.getOrThrow(requestOf(command, payload))
}

const context = {
  isConfigured: () => true,
  assets: new Map([[picture.id, picture]]),
  multiplier: defaultMultiplier,
  today: "2026-11-22"
}

describe("the examples of models show", () => {
  const providers = { local: localModels, fake: fakeModels, fal: falModels(), openai: openai.models, xai: xai.models }
  for (const [provider, models] of Object.entries(providers)) {
    it(`plan as they stand: ${provider}`, () => {
      for (const model of models) {
        const examples = fullJson(model, context)["examples"]
        assert(Array.isArray(examples))
        const isCallable = model.execution === "executable" && model.lifecycle.status !== "retired"
        if (provider === "local") assert.strictEqual(examples.length > 0, isCallable, model.id)
        for (const example of examples) {
          const planned = plan(requestFrom(String(example)), { ...context, models })
          assert.isTrue(Either.isRight(planned), `${example}: ${Either.isLeft(planned) ? planned.left.message : ""}`)
        }
      }
    })
  }
})
