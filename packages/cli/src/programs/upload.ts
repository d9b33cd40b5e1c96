import { fail } from "@image-skill/core/kernel/Errors"
import { Effect } from "effect"
import { uploadInput } from "../commands/upload.ts"
import { valueOf } from "../Flags.ts"
import { readSource, uploadSource } from "../internal/imageSources.ts"
import type { Program } from "../Session.ts"

export const upload: Program = (session) =>
  Effect.gen(function* () {
    const [positional] = session.given.positionals
    const flag = valueOf(session.given, uploadInput)
    const typed = positional ?? flag
    if (typed === undefined || (positional !== undefined && flag !== undefined)) {
      const received = typed === undefined ? "none was given" : "two were given"
      return yield* fail("INVALID_ARGUMENTS", `upload takes one image, a path or a URL; ${received}`, {
        details: { issues: [{ path: "IMAGE", message: `one image, a path or a URL; ${received}` }] },
        recovery: {
          suggested_command: "image-skill upload IMAGE --json",
          missing_inputs: ["IMAGE"],
          fields: ["IMAGE", "--input"]
        }
      })
    }
    const source = yield* readSource(session, positional === undefined ? "--input" : "IMAGE", typed)
    return yield* uploadSource(session, source, null)
  })
