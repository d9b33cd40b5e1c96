import { access, constants, stat } from "node:fs/promises"
import { Context, Effect, Layer, Predicate } from "effect"
import { databaseState } from "../sql/OpenDatabases.ts"

/** `not opened`: no call has needed it yet in this process. */
export type StorageState = "ok" | "not opened" | "unavailable"

export interface StorageStates {
  readonly storage: StorageState
  readonly database: StorageState
}

/** What `/healthz` says of the data directory. Opens no database and writes nothing. */
export class StorageHealth extends Context.Reference<StorageHealth>()("@image-skill/server/StorageHealth", {
  defaultValue: (): Effect.Effect<StorageStates> => Effect.succeed({ storage: "not opened", database: "not opened" })
}) {}

const stateOfFolder = async (folder: string): Promise<StorageState> => {
  try {
    if (!(await stat(folder)).isDirectory()) return "unavailable"
    await access(folder, constants.R_OK | constants.W_OK)
    return "ok"
  } catch (error) {
    return Predicate.hasProperty(error, "code") && error.code === "ENOENT" ? "not opened" : "unavailable"
  }
}

export const layer = (paths: { readonly folder: string; readonly database: string }) =>
  Layer.succeed(
    StorageHealth,
    Effect.map(
      Effect.promise(() => stateOfFolder(paths.folder)),
      (storage): StorageStates => ({ storage, database: databaseState(paths.database) })
    )
  )
