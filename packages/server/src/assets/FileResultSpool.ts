import { statfsSync } from "node:fs"
import { dirname } from "node:path"
import { BlobError } from "@image-skill/core/assets/BlobStore"
import { ResultSpool } from "@image-skill/core/assets/ResultSpool"
import type { AttemptId } from "@image-skill/core/kernel/Ids"
import { JsonObject } from "@image-skill/core/kernel/Json"
import type { SpooledReply } from "@image-skill/core/provider/Provider"
import { Effect, Layer, Option, Schema } from "effect"
import { makeWholeFiles } from "./internal/wholeFiles.ts"

/** The first line of a spool file, filled up with spaces to a whole block; the reply follows it, filled up as well. */
const Header = Schema.parseJson(
  Schema.Struct({ content_type: Schema.String, facts: JsonObject, bytes: Schema.NonNegativeInt })
)
const encodeHeader = Schema.encode(Header)
const decodeHeader = Schema.decode(Header)
const newline = 0x0a
const blockBytes = 4096

const firstLine = (header: string): Uint8Array => {
  const text = new TextEncoder().encode(header)
  const line = new Uint8Array(Math.ceil((text.length + 1) / blockBytes) * blockBytes).fill(0x20)
  line.set(text)
  line[line.length - 1] = newline
  return line
}

/** What fills the last block of a reply up, so that it can be written as it lies. */
const padding = ({ length }: Uint8Array): Uint8Array =>
  new Uint8Array((blockBytes - (length % blockBytes)) % blockBytes)

const unreadable = () => new BlobError({ message: "The provider's reply could not be read back" })

const replyOf = (file: Uint8Array): Effect.Effect<SpooledReply, BlobError> =>
  Effect.gen(function* () {
    const end = file.indexOf(newline)
    const header = yield* decodeHeader(new TextDecoder().decode(file.subarray(0, end)))
    const bytes = file.subarray(end + 1, end + 1 + header.bytes)
    if (bytes.length !== header.bytes) return yield* Effect.fail(unreadable())
    return { contentType: header.content_type, bytes, facts: header.facts }
  }).pipe(Effect.mapError(unreadable))

/** What an ordinary user may still write where the folder is, or will be. About 5 µs. */
const roomIn = (folder: string): Effect.Effect<number | null> =>
  Effect.try(() => statfsSync(folder)).pipe(
    Effect.map(({ bavail, bsize }) => bavail * bsize),
    // Nothing is made before the first reply: until then the folder above it tells.
    Effect.catchAll(() => (dirname(folder) === folder ? Effect.succeed(null) : roomIn(dirname(folder))))
  )

/** Replies as files under `folder`. Only this machine reads them, unless the folder is on shared storage. */
export const layer = (folder: string) =>
  Layer.effect(
    ResultSpool,
    Effect.map(makeWholeFiles(folder, "flat"), (files) => ({
      write: (attempt: AttemptId, reply: SpooledReply) =>
        encodeHeader({ content_type: reply.contentType, facts: reply.facts, bytes: reply.bytes.length }).pipe(
          Effect.mapError(() => new BlobError({ message: "The provider's reply has no header that can be written" })),
          Effect.flatMap((header) => files.write(attempt, [firstLine(header), reply.bytes, padding(reply.bytes)]))
        ),
      read: (attempt: AttemptId) =>
        Effect.flatMap(
          files.read(attempt),
          Option.match({ onNone: () => Effect.succeedNone, onSome: (file) => Effect.asSome(replyOf(file)) })
        ),
      remove: (attempt: AttemptId) => files.remove(attempt),
      roomBytes: Effect.suspend(() => roomIn(folder))
    }))
  )
