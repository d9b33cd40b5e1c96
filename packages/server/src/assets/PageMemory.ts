import { LargeMemory } from "@image-skill/core/kernel/Scratch"
import { Layer } from "effect"
import { pagesOf } from "./internal/pages.ts"

/** Scratch memory that can be written to files as it lies. */
export const layer = Layer.succeed(LargeMemory, { allocate: pagesOf })
