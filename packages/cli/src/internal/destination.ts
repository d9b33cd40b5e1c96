/** Where an answer's images go on this machine: checked before anything is spent, written once they are there. */
import { createHash, randomBytes } from "node:crypto"
import { readFile } from "node:fs/promises"
import { type Failure, fail } from "@image-skill/core/kernel/Errors"
import type { JsonObject } from "@image-skill/core/kernel/Json"
import { Effect } from "effect"
import type { Reply } from "../Client.ts"
import { open } from "../commands/request.ts"
import { valueOf } from "../Flags.ts"
import type { Session } from "../Session.ts"
import { type AssetRow, assetsIn, deliver, withOutputs } from "./delivery.ts"
import { objectIn, objectsIn, textIn } from "./fields.ts"
import { absolute } from "./files.ts"
import { checkOutput, type OutputRequest, type Target } from "./outputs.ts"
import { distinguishing, fill, isTemplate, type Names, templateProblem } from "./outputTemplate.ts"

export type Destination =
  | { readonly kind: "none" }
  | { readonly kind: "files"; readonly targets: ReadonlyArray<Target>; readonly isOverwriting: boolean }
  | {
      readonly kind: "template"
      readonly typed: string
      readonly isOverwriting: boolean
      /** The batch's item; null outside of one. */
      readonly item: string | null
    }

export const nowhere: Destination = { kind: "none" }

/** What stands for a name that nobody knows yet: its file does not exist. */
const unknownNames = (item: string | null): Names => {
  const some = randomBytes(6).toString("hex")
  return { job: some, index: some, ext: some, asset: some, model: some, item: item ?? some }
}

/** Fails, before anything is spent, where the images could not be written as things stand. */
export const destinationOf = (request: OutputRequest, item: string | null): Effect.Effect<Destination, Failure> =>
  Effect.gen(function* () {
    const { count, isOverwriting, typed } = request
    if (!isTemplate(typed)) return { kind: "files", targets: yield* checkOutput(request), isOverwriting }
    const problem = templateProblem(typed, item !== null)
    if (problem !== null) {
      const message = `--output ${JSON.stringify(typed)} ${problem}`
      return yield* fail("INVALID_ARGUMENTS", message, {
        details: { issues: [{ path: "--output", message }] },
        recovery: { fields: ["--output"] }
      })
    }
    yield* checkOutput({ ...request, typed: fill(typed, unknownNames(item)), count: 1 })
    return { kind: "template", typed: distinguishing(typed, count), isOverwriting, item }
  })

const endings: Readonly<Record<string, string>> = { "image/jpeg": "jpg", "image/svg+xml": "svg" }

const endingOf = ({ mime_type }: AssetRow) => endings[mime_type] ?? mime_type.replace("image/", "")

const namesOf = (data: JsonObject, asset: AssetRow, index: number, item: string | null): Names => ({
  job: textIn(data, "job_id") ?? "job",
  index: String(index),
  ext: endingOf(asset),
  asset: asset.asset_id,
  model: textIn(objectIn(objectIn(data, "request"), "selection"), "model_id") ?? "model",
  item: item ?? ""
})

const hashAt = (path: string): Effect.Effect<string | null> =>
  Effect.promise(() =>
    readFile(path).then(
      (bytes) => createHash("sha256").update(bytes).digest("hex"),
      () => null
    )
  )

const withNumber = (typed: string, number: number): string => {
  const dot = typed.lastIndexOf(".")
  const end = dot > typed.lastIndexOf("/") + 1 ? dot : typed.length
  return `${typed.slice(0, end)}-${number}${typed.slice(end)}`
}

const numberMax = 1000

type Place = { readonly kind: "free"; readonly target: Target } | { readonly kind: "there"; readonly target: Target }

/**
 * A name that was not known beforehand never fails for being taken: it is paid for. The same bytes are the image of a
 * run before; other bytes are left alone, and the image gets a number.
 */
const placeFor = (session: Session, wanted: string, sha256: string | null, isOverwriting: boolean) =>
  Effect.gen(function* () {
    for (let number = 1; number < numberMax; number += 1) {
      const typed = number === 1 ? wanted : withNumber(wanted, number)
      const target: Target = { typed, path: absolute(session.host.workingDirectory, typed) }
      const there = yield* hashAt(target.path)
      const place: Place = { kind: there !== null && there === sha256 ? "there" : "free", target }
      if (there === null || isOverwriting || place.kind === "there") {
        if (number > 1) yield* session.warn(`${JSON.stringify(wanted)} exists: the image is ${JSON.stringify(typed)}`)
        return place
      }
    }
    const typed = withNumber(wanted, numberMax)
    return { kind: "free", target: { typed, path: absolute(session.host.workingDirectory, typed) } } satisfies Place
  })

const placesOf = (session: Session, destination: Exclude<Destination, { kind: "none" }>, data: JsonObject) => {
  const assets = assetsIn(data.assets)
  if (destination.kind === "files") {
    return Effect.succeed(
      destination.targets.map((target, index) => ({ asset: assets[index], place: { kind: "free", target } as const }))
    )
  }
  const { isOverwriting, item, typed } = destination
  return Effect.forEach(assets, (asset, index) =>
    Effect.map(
      placeFor(session, fill(typed, namesOf(data, asset, index, item)), asset.sha256 ?? null, isOverwriting),
      (place) => ({ asset, place })
    )
  )
}

/** Writes the images of a completed answer, and adds to it what was written. */
export const writeOutputs = (session: Session, reply: Reply, destination: Destination) =>
  Effect.gen(function* () {
    const data = reply.envelope.data ?? {}
    if (destination.kind === "none" || data.dry_run === true) return reply
    const places = yield* placesOf(session, destination, data)
    const missing = places.filter(({ asset }) => asset === undefined).length
    if (missing > 0) {
      yield* session.warn(`${places.length - missing} of ${places.length} images exist: only they are written`)
    }
    const written: Array<JsonObject> = []
    for (const { asset, place } of places) {
      if (asset === undefined) break
      const known = { job_id: textIn(data, "job_id"), output_files: written }
      if (place.kind === "there") {
        written.push({ path: place.target.typed, asset_id: asset.asset_id, mime_type: asset.mime_type })
      } else written.push(yield* deliver(session, asset, place.target, destination.isOverwriting, known))
    }
    return withOutputs(reply, written)
  })

/** Shows the first file that was written, to a person; says so where nobody can see it. */
export const openOutput = (session: Session, reply: Reply) =>
  Effect.gen(function* () {
    const { data } = reply.envelope
    if (!valueOf(session.given, open) || data?.dry_run === true) return
    const path = textIn(objectsIn(data, "output_files")[0] ?? {}, "path")
    if (session.style !== "readable") return yield* session.warn("--open is for a terminal: nothing was opened")
    if (path === null) return yield* session.warn("--open shows a written file: say --output FILE too")
    const isOpen = yield* Effect.promise(() =>
      session.host.openFile(absolute(session.host.workingDirectory, path)).catch(() => false)
    )
    if (!isOpen) yield* session.warn(`${path} was not opened: this machine has no viewer that we know`)
  })
