/** The images of a create or an edit, as the body's fields: before they are uploaded, and after. */
import { existsSync } from "node:fs"
import type { ReferenceRole } from "@image-skill/core/catalog/References"
import { type Failure, fail } from "@image-skill/core/kernel/Errors"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { Effect } from "effect"
import type { Refused } from "../Client.ts"
import * as flags from "../commands/request.ts"
import { valueOf } from "../Flags.ts"
import type { Session } from "../Session.ts"
import { absolute } from "./files.ts"
import { type NamedImage, nameImages } from "./images.ts"
import { type ReferenceSource, readReferences } from "./references.ts"
import type { Changes } from "./rerun.ts"

/** An image flag, the body's field for it, and what was typed. */
export interface ImageField {
  readonly flag: string
  readonly field: string
  readonly typed: string | undefined
}

export interface Inputs {
  /** Each distinct one, once. */
  readonly images: ReadonlyArray<NamedImage>
  /** The body's fields; `idOf` says which asset an image is. */
  readonly body: (idOf: (image: NamedImage) => string) => JsonObject
  /** The flags that name the assets instead of the files. */
  readonly changes: (idOf: (image: NamedImage) => string) => Changes
}

const flagOf = (role: ReferenceRole) => role.replace("_", "-")

const referencesOf = (session: Session): Effect.Effect<ReadonlyArray<ReferenceSource>, Failure> => {
  const read = readReferences(
    {
      images: valueOf(session.given, flags.referenceImage),
      frontals: valueOf(session.given, flags.elementFrontal),
      elements: valueOf(session.given, flags.elementReference)
    },
    (path) => existsSync(absolute(session.host.workingDirectory, path))
  )
  return read.ok
    ? Effect.succeed(read.references)
    : fail("INVALID_ARGUMENTS", read.message, {
        details: { issues: [{ path: read.flag, message: read.message }] },
        recovery: { fields: [read.flag] }
      })
}

const suffixOf = ({ index, reference_index, reference_task }: Omit<ReferenceSource, "source">): string => {
  const rest = reference_task ?? reference_index
  return `@${index}${rest === undefined ? "" : `:${rest}`}`
}

/** Looks at every image that was named, and uploads none. */
export const readInputs = (
  session: Session,
  fields: ReadonlyArray<ImageField>
): Effect.Effect<Inputs, Failure | Refused> =>
  Effect.gen(function* () {
    const references = yield* referencesOf(session)
    const given = fields.flatMap(({ flag, field, typed }) => (typed === undefined ? [] : [{ flag, field, typed }]))
    const wanted = [
      ...given.map(({ flag, typed }) => ({ flag: `--${flag}`, typed })),
      ...references.map(({ role, source }) => ({ flag: `--${flagOf(role)}`, typed: source }))
    ]
    const named = yield* nameImages(session, wanted, valueOf(session.given, flags.idempotencyKey) ?? null)
    const withImage = <A>(typed: string, make: (image: NamedImage) => A): ReadonlyArray<A> => {
      const image = named.of(typed)
      return image === undefined ? [] : [make(image)]
    }
    const body: Inputs["body"] = (idOf) => {
      const list = references.flatMap(({ source, ...rest }) =>
        withImage(source, (image) => ({ asset_id: idOf(image), ...rest }))
      )
      return {
        ...Object.fromEntries(
          given.flatMap(({ field, typed }) => withImage(typed, (image) => [field, idOf(image)] as const))
        ),
        ...(list.length === 0 ? {} : { references: list })
      }
    }
    const changes: Inputs["changes"] = (idOf) => {
      const changed: Record<string, ReadonlyArray<string>> = {}
      for (const { flag, typed } of given) changed[flag] = withImage(typed, idOf)
      for (const { source, ...rest } of references) {
        const flag = flagOf(rest.role)
        const words = withImage(source, (image) => `${idOf(image)}${suffixOf(rest)}`)
        changed[flag] = [...(changed[flag] ?? []), ...words]
      }
      return changed
    }
    return { images: named.images, body, changes }
  })
