import { embedded } from "./embedded.ts"
import { remote } from "./remote.ts"
import type { SkillEffects, SkillPromises } from "./SkillEffects.ts"

/**
 * The Image Skill inside of an app, in its own process or over a server: the same calls, as promises and, in `effects`,
 * as Effects. Every failure is a `Failure`, whose `code` is of the public error table.
 *
 * @example
 * ```ts
 * import { ImageSkill } from "@image-skill/core/sdk/ImageSkill"
 *
 * const skill = ImageSkill.remote({ baseUrl: "http://localhost:8787", token: "isk_r_…" })
 * const made = await skill.create({ prompt: "a lighthouse in a storm" })
 * const png = await skill.download(made.assets[0]?.asset_id ?? "")
 * await skill.close()
 * ```
 */
export interface ImageSkill extends SkillPromises {
  readonly effects: SkillEffects
  /** Waits for the jobs that run in this process, then lets go of everything. */
  readonly close: () => Promise<void>
}

export const ImageSkill = { embedded, remote } as const
