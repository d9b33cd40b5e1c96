import type { Finish } from "./finish/Finish.ts"
import { linocut } from "./finish/linocut.ts"
import { minimal } from "./finish/minimal.ts"
import { natural } from "./finish/natural.ts"
import { neon } from "./finish/neon.ts"
import { oil } from "./finish/oil.ts"
import { pixel } from "./finish/pixel.ts"
import { popart, risograph, screenprint } from "./finish/print.ts"
import { vintage } from "./finish/vintage.ts"
import { watercolor } from "./finish/watercolor.ts"
import type { StyleId } from "./Lexicon.ts"

/** How a style is drawn, before its finish. */
export interface StyleTraits {
  readonly flat: boolean
  readonly sparse: boolean
}

const flatStyles: ReadonlySet<StyleId> = new Set(["screenprint", "risograph", "popart", "minimal", "pixel"])

export const traitsOf = (style: StyleId): StyleTraits => ({ flat: flatStyles.has(style), sparse: style === "minimal" })

export const finishes: Readonly<Record<StyleId, Finish>> = {
  natural,
  screenprint,
  risograph,
  popart,
  linocut,
  watercolor,
  oil,
  minimal,
  neon,
  vintage,
  pixel
}
