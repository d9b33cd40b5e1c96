import { execFile } from "node:child_process"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import type { Model } from "@image-skill/core/catalog/Model"
import { Either, Redacted } from "effect"
import { encodeCall } from "../../src/fal/encode.ts"
import { routes } from "../../src/fal/models.ts"
import later from "./fixtures/later.json" with { type: "json" }
import { callOf, executable, image, modelOf, neededBy, referencesOf, singles } from "./samples.ts"
import { isPublished } from "./sdkTypes.ts"

const encoded = (model: Model, changes: Parameters<typeof callOf>[1] = {}) => {
  const route = routes().get(model.id)
  if (route === undefined) throw new Error(`${model.id} has no route`)
  return Either.getOrThrow(encodeCall(callOf(model, changes), route))
}

/** References that the model cannot do without. */
const needed = (model: Model) =>
  model.input.references?.kind === "images" && (model.input.references.indexesMin ?? 0) > 0 ? referencesOf(model) : []

/** Every body of a model that differs in one thing. */
const bodiesOf = (model: Model) => [
  encoded(model, { references: needed(model) }),
  encoded(model, { references: referencesOf(model), outputs: model.output.outputsPerCall }),
  ...singles(model).map((parameters) =>
    encoded(model, { references: needed(model), parameters: { ...neededBy(model), ...parameters } })
  )
]

const endpointOf = (model: Model) => routes().get(model.id)?.endpoint ?? ""

type Names = { readonly [endpoint: string]: ReadonlyArray<string> }
const younger: Names = later.fields
const wider: Names = later.values

/** The published type; what is younger than it may be any text. */
const typeOf = (endpoint: string) => {
  const own = wider[endpoint] ?? []
  const further = [...(younger[endpoint] ?? []), ...own].map((name) => `${name}?: string | number`)
  const published = `EndpointTypeMap["${endpoint}"]["input"]`
  const narrowed = own.length === 0 ? published : `Omit<${published}, ${own.map((name) => `"${name}"`).join(" | ")}>`
  return further.length === 0 ? narrowed : `${narrowed} & { ${further.join("; ")} }`
}

describe("bodies for fal", () => {
  it("are of the types that fal's official client publishes for their endpoints", async () => {
    const folder = new URL(`../../../../node_modules/.cache/fal-bodies-${process.pid}/`, import.meta.url).pathname
    mkdirSync(folder, { recursive: true })
    const known = executable.filter((model) => isPublished(endpointOf(model)))
    const lines = known.flatMap((model) => {
      const type = typeOf(endpointOf(model))
      return bodiesOf(model).map((body) => `take<${type}>(${JSON.stringify(body)})`)
    })
    const head = [
      'import type { EndpointTypeMap } from "@fal-ai/client/endpoints"',
      "const take = <A>(body: A): A => body"
    ]
    writeFileSync(`${folder}bodies.ts`, [...head, ...lines, ""].join("\n"))
    const options = {
      lib: ["ES2023", "DOM"],
      composite: false,
      declaration: false,
      declarationMap: false,
      noEmit: true
    }
    writeFileSync(
      `${folder}tsconfig.json`,
      JSON.stringify({ extends: "../../../tsconfig.base.json", compilerOptions: options, files: ["bodies.ts"] })
    )
    const tsc = new URL("../../../../node_modules/.bin/tsc", import.meta.url).pathname
    const output = await promisify(execFile)(tsc, ["-p", folder, "--pretty", "false"]).then(
      () => "",
      (error: { readonly stdout?: string }) => error.stdout ?? "tsc did not start"
    )
    rmSync(folder, { recursive: true, force: true })
    const complaints = output.split("\n").filter((line) => line.includes("error TS"))
    const named = complaints.map(
      (line) => `${line}  <- ${lines[Number(/\((\d+),/.exec(line)?.[1]) - 3]?.slice(0, 200)}`
    )
    assert.deepStrictEqual(named, [])
    assert.isAtLeast(known.length, 120)
    assert.isAtLeast(lines.length, 1000)
  }, 60_000)

  it("put each image where its endpoint wants it", () => {
    const kling = encoded(modelOf("fal.kling-image-o3-image-to-image"), {
      references: referencesOf(modelOf("fal.kling-image-o3-image-to-image"))
    })
    const elements = kling["elements"]
    assert.isArray(elements)
    assert.lengthOf(Array.isArray(elements) ? elements : [], 2)
    assert.match(JSON.stringify(kling["image_urls"]), /^\["data:image\/png;base64,/)

    const dreamo = encoded(modelOf("fal.dreamo"), { references: referencesOf(modelOf("fal.dreamo")) })
    assert.hasAllKeys(dreamo, [
      "prompt",
      "first_image_url",
      "first_reference_task",
      "second_image_url",
      "second_reference_task"
    ])

    const masked = encoded(modelOf("fal.ideogram-v2-edit"))
    assert.hasAllKeys(masked, ["prompt", "image_url", "mask_url"])

    const redux = encoded(modelOf("fal.flux-dev-redux"), { prompt: Redacted.make("never sent") })
    assert.hasAllKeys(redux, ["image_url", "num_images"])
  })

  it("fix at one image what the contract fixes", () => {
    const body = encoded(modelOf("fal.bytedance-seedream-v4-5-text-to-image"), {
      parameters: { num_images: 1, max_images: 1 }
    })
    assert.deepInclude(body, { num_images: 1, max_images: 1 })
  })

  it("give each call of a job a seed of its own", () => {
    const body = encoded(modelOf("fal.flux-2"), { parameters: { seed: 7 }, index: 2 })
    assert.strictEqual(body["seed"], 9)
  })

  it("are not made of images that the model does not take", () => {
    const model = modelOf("fal.recraft-v3-image-to-image")
    const route = routes().get(model.id)
    if (route === undefined) throw new Error("no route")
    const large = { ...image(), bytes: new Uint8Array(5 * 1_048_576 + 1) }
    const tooLarge = Either.flip(encodeCall(callOf(model, { image: large }), route))
    assert.strictEqual(Either.getOrThrow(tooLarge).reason, "invalid_request")
  })

  it("name an image that was uploaded by its address", () => {
    const model = modelOf("fal.ideogram-v2-edit")
    const route = routes().get(model.id)
    if (route === undefined) throw new Error("no route")
    const call = callOf(model)
    const uploaded = new Map(call.mask === null ? [] : [[call.mask, "https://v3.fal.media/files/mask.png"]])
    const body = Either.getOrThrow(encodeCall(call, route, uploaded))
    assert.strictEqual(body["mask_url"], "https://v3.fal.media/files/mask.png")
    assert.match(JSON.stringify(body["image_url"]), /^"data:/)
  })
})
