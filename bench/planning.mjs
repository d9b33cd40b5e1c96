// Planning time of one request over the built-in catalogue, and over ten times of it (clones under other ids): with a
// model that is named, and with one that selection chooses. Goal: under 1 ms, and flat.
// Run: npx tsc -b packages/core packages/providers && node bench/planning.mjs [rounds, default 2000]
// Each figure is the median of single plans, in microseconds. "first" is the first choice of a process, which ranks the
// catalogue; a named model never waits for that.
import { ConfigProvider, Effect, Either, Redacted } from "effect"
import { defaultMultiplier } from "../packages/core/dist/kernel/Money.js"
import { plan } from "../packages/core/dist/studio/Planner.js"
import { builtIn } from "../packages/providers/dist/builtIn.js"

const rounds = Number(process.argv[2] ?? 2000)
const times = 10

const plugins = await Effect.runPromise(Effect.withConfigProvider(builtIn, ConfigProvider.fromMap(new Map())))
const own = plugins.flatMap((plugin) => plugin.models)
const clones = Array.from({ length: times - 1 }, (_, copy) =>
  own.map((model) => ({ ...model, id: `${model.id}-copy-${copy}` }))
)
const catalogues = [own, [...own, ...clones.flat()]]

const image = {
  ...{ id: "image_one", organizationId: "org_one", jobId: "job_one", kind: "uploaded", mediaType: "image/png" },
  ...{ bytes: 100_000, width: 1024, height: 1024, sha256: "", provenance: "uploaded", createdAt: 0 }
}
const free = { perImage: null, whole: null, acceptUnknownCost: false }
const request = (wanted) => ({
  ...{ command: "create", prompt: Redacted.make("a lighthouse in a storm"), modelId: null, providerId: null },
  ...{ intent: "final", aspectRatio: "1:1", outputCount: 1, parameters: {}, image: null, mask: null, references: [] },
  budget: free,
  ...wanted
})
const cents = (amount) => ({ ...free, perImage: amount * 100_000_000 })
const requests = {
  "named, own parameters": request({ modelId: "fal.flux-dev", parameters: { seed: 7 } }),
  "named, GPT Image 2": request({ modelId: "openai.gpt-image-2", parameters: { quality: "high" } }),
  "chosen, no budget": request({}),
  "chosen, 7 cents an image": request({ budget: cents(7) }),
  "chosen, a tenth of a cent": request({ budget: cents(0.1) }),
  "chosen, 16:9, four images": request({ aspectRatio: "16:9", outputCount: 4 }),
  "chosen, by a rare parameter": request({ parameters: { guidance_scale: 3 } }),
  "chosen, edit": request({ command: "edit", image: "image_one", aspectRatio: "auto" }),
  "chosen, edit with a mask": request({ command: "edit", image: "image_one", mask: "image_one", aspectRatio: "auto" })
}

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]
const micros = (start) => (performance.now() - start) * 1000

const measure = (models, wanted) => {
  const context = {
    ...{ models, isConfigured: () => true, assets: new Map([["image_one", image]]) },
    ...{ multiplier: defaultMultiplier, today: "2026-11-22" }
  }
  const start = performance.now()
  const planned = plan(wanted, context)
  const first = micros(start)
  const one = () => {
    const begun = performance.now()
    plan(wanted, context)
    return micros(begun)
  }
  for (let warm = 0; warm < rounds / 4; warm += 1) one()
  const outcome = Either.isRight(planned) ? planned.right.model.id : planned.left.code
  return { first, outcome, usual: median(Array.from({ length: rounds }, one)) }
}

const cell = (value, width) => String(value).padStart(width)
console.log(
  `node ${process.version}, ${rounds} rounds; ${catalogues.map((models) => models.length).join(" and ")} models`
)
console.log(
  `${"".padEnd(28)}${cell("1×", 8)}${cell("10×", 8)} µs  ${cell("first 1×", 9)}${cell("first 10×", 10)}   planned with`
)
for (const [name, wanted] of Object.entries(requests)) {
  // A list of its own for each, so that each is ranked anew.
  const [one, ten] = catalogues.map((models) => measure([...models], wanted))
  const [usual, more, first, firstOfTen] = [one.usual, ten.usual, one.first, ten.first].map((value) => value.toFixed(0))
  console.log(
    `${name.padEnd(28)}${cell(usual, 8)}${cell(more, 8)}     ${cell(first, 9)}${cell(firstOfTen, 10)}   ${one.outcome}`
  )
}
