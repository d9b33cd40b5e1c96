import { Context, type Effect } from "effect"
import type { OrganizationId } from "../kernel/Ids.ts"
import type { StorageUnavailable } from "../kernel/Transaction.ts"

/** Whoever pays, as the rooms above know them. */
export class Payers extends Context.Tag("@image-skill/core/Payers")<
  Payers,
  {
    /** Money stands behind the organization now. Told with every payment, in its transaction. */
    readonly paid: (organization: OrganizationId) => Effect.Effect<void, StorageUnavailable>
  }
>() {}
