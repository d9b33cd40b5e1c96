import type { JsonObject } from "@image-skill/core/kernel/Json"
import type { Reply } from "../Client.ts"
import { objectIn, objectsIn, textIn } from "./fields.ts"

const some = (object: JsonObject, names: ReadonlyArray<string>): JsonObject =>
  Object.fromEntries(names.flatMap((name) => (object[name] === undefined ? [] : [[name, object[name]]])))

/** The answer of a create or an edit in a few hundred bytes: the whole is kept by the job, and `jobs show` tells it. */
export const inBrief = (reply: Reply): Reply => {
  const { data } = reply.envelope
  if (data === null) return reply
  const cost = objectIn(data, "cost")
  const pricing = objectIn(cost, "credit_pricing")
  const files = objectsIn(data, "output_files").map((file) => some(file, ["path", "asset_id"]))
  const credits = cost.settled_credits ?? pricing.credits_required ?? null
  return {
    ...reply,
    envelope: {
      ...reply.envelope,
      data: {
        ...some(data, ["job_id", "status", "dry_run"]),
        model_id: textIn(objectIn(objectIn(data, "request"), "selection"), "model_id"),
        credits,
        ...some(pricing, credits === null ? ["max_credits"] : []),
        ...some(cost, ["estimated_usd"]),
        assets: objectsIn(data, "assets").map((asset) => some(asset, ["asset_id", "url", "width", "height"])),
        ...(files.length === 0 ? some(data, ["next_actions"]) : { output_files: files }),
        ...some(data, ["blockers"])
      }
    }
  }
}
