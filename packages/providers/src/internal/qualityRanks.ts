/**
 * How strong a model is for whoever names none, on one scale over all providers: higher is stronger, equals are told apart
 * by price. The facts hold no arena score, so the scale rests on three things, in this order:
 *
 * 1. The contract prints what its hosted default takes as the strongest create model: Grok Imagine Quality. The service
 *    behind that slug since 2026-11-02 stands right below it.
 * 2. Within a vendor's line the dearer model, of the same size, is the stronger one (prices of the facts).
 * 3. Between vendors, the tiers that they sell their lines as; this is our judgement.
 *
 * 80 and above: flagships. 60 to 79: strong and priced for daily work. 40 to 59: fast, cheap or of an older generation.
 * 20 to 39: for one task, or not judged. Below: what nobody means without naming it.
 */
const judged: ReadonlyArray<readonly [rank: number, ...ids: ReadonlyArray<string>]> = [
  [92, "xai.grok-imagine-image-quality", "xai.grok-imagine-image-quality-edit"],
  [91, "xai.grok-imagine-image-2.0", "xai.grok-imagine-image-2.0-edit"],
  [90, "openai.gpt-image-2", "openai.gpt-image-2-edit"],
  [84, "fal.nano-banana-pro", "fal.nano-banana-pro-edit"],
  [83, "fal.gemini-3-pro-image-preview", "fal.gemini-3-pro-image-preview-edit"],
  [78, "openai.gpt-image-1.5", "openai.gpt-image-1.5-edit"],
  [76, "fal.nano-banana-2", "fal.nano-banana-2-edit"],
  [72, "fal.bytedance-seedream-v4-5-text-to-image", "fal.bytedance-seedream-v4-5-edit"],
  [70, "fal.kling-image-o3-text-to-image", "fal.kling-image-o3-image-to-image"],
  [69, "fal.kling-image-v3-text-to-image", "fal.kling-image-v3-image-to-image"],
  [68, "fal.kling-image-o1"],
  [67, "fal.flux-pro-v1-1-ultra"],
  [66, "fal.flux-pro-kontext-max"],
  [65, "fal.bytedance-seedream-v5-lite-text-to-image", "fal.bytedance-seedream-v5-lite-edit"],
  [62, "xai.grok-imagine-image", "xai.grok-imagine-image-edit"],
  [60, "fal.flux-pro-kontext"],
  [50, "fal.ideogram-v2-edit"],
  [48, "openai.gpt-image-1-mini", "openai.gpt-image-1-mini-edit"],
  [45, "fal.z-image-turbo", "fal.z-image-turbo-image-to-image"],
  [40, "fal.flux-dev"],
  [35, "fal.dreamo"],
  [20, "fal.flux-dev-redux", "fal.flux-krea-redux", "fal.flux-schnell-redux"],
  // Nothing here understands a prompt beyond its words.
  [4, "local.mask-effect"],
  [3, "local.grade"],
  [2, "local.resize"],
  [1, "local.procedural", "local.convert"]
]

const ranks: ReadonlyMap<string, number> = new Map(
  judged.flatMap(([rank, ...ids]) => ids.map((id): [string, number] => [id, rank]))
)

/** What is not judged by name. `tool`: upscalers, background removal and their like; `gone`: it may not answer. */
const unjudged = { model: 30, operators: 20, gone: 10, tool: 5 } as const

export const qualityOf = (id: string, kind: keyof typeof unjudged = "model"): number => ranks.get(id) ?? unjudged[kind]
