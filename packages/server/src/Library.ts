import type { Actor } from "@image-skill/core/identity/Identity"
import type { Plugin } from "@image-skill/core/provider/Provider"
import { ImageSkill } from "@image-skill/core/sdk/ImageSkill"
import { Layer } from "effect"
import { layerHousekeeping } from "./jobs/Housekeeping.ts"
import { layerOwnersHouse } from "./Server.ts"
import { configRefusal } from "./ServerConfig.ts"
import { dataPaths } from "./Storage.ts"

export interface LibraryOptions {
  /** Where jobs, assets and the ledger live. Made when it is not there; several processes may share it. */
  readonly dataDirectory: string
  /** Providers besides the embedded one. */
  readonly plugins?: ReadonlyArray<Plugin>
  /** Who the calls are; the local owner, unmetered, by default. */
  readonly actor?: Actor
}

/**
 * The Image Skill inside of an app, on a data folder. Opens nothing before the first call. Settings that cannot be read
 * refuse every call with INVALID_ARGUMENTS.
 *
 * @example
 * ```ts
 * import { openImageSkill } from "@image-skill/server/Library"
 *
 * const skill = openImageSkill({ dataDirectory: "./image-skill-data" })
 * const made = await skill.create({ prompt: "a lighthouse in a storm" })
 * const png = await skill.download(made.assets[0]?.asset_id ?? "")
 * await skill.close()
 * ```
 */
export const openImageSkill = (options: LibraryOptions) => {
  const house = Layer.mapError(layerOwnersHouse(options), configRefusal)
  const housekeeping = layerHousekeeping(dataPaths(options.dataDirectory).database)
  return ImageSkill.embedded(Layer.provideMerge(housekeeping, house), options.actor)
}
