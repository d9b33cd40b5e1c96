import { type ErrorCode, Failure } from "@image-skill/core/kernel/Errors"
import { Context, Effect } from "effect"

/**
 * Whether answers may name places on this machine, such as the path of the database: true where the caller is its
 * owner. Elsewhere the places go to the log.
 */
export class NamesPlaces extends Context.Reference<NamesPlaces>()("@image-skill/server/NamesPlaces", {
  defaultValue: () => false
}) {}

/** The failure as a stranger may see it. */
export const withoutPlaces = (error: Failure<ErrorCode>): Effect.Effect<Failure<ErrorCode>> => {
  if (error.code !== "STORAGE_UNAVAILABLE" || error.details?.["database"] === undefined) return Effect.succeed(error)
  const { database, ...details } = error.details
  return Effect.as(
    Effect.logError(`${error.message}: ${JSON.stringify(database)}`),
    new Failure({
      code: error.code,
      message: error.message,
      ...(Object.keys(details).length === 0 ? {} : { details }),
      ...(error.recovery === undefined ? {} : { recovery: error.recovery })
    })
  )
}
