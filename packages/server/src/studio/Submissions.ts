import type { Studio } from "@image-skill/core/studio/Studio"
import type { Uploads } from "@image-skill/core/studio/Uploads"
import { Context } from "effect"

/**
 * What the `studio` routes hand requests to. A tag of its own, and types only: a dry run loads nothing of the rest of
 * the house.
 */
export class Submissions extends Context.Tag("@image-skill/server/Submissions")<
  Submissions,
  { readonly submit: Studio["submit"]; readonly upload: Uploads["upload"] }
>() {}
