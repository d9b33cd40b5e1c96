import type { Motif } from "../Scene.ts"
import { arches } from "./arches.ts"
import { orbs } from "./orbs.ts"
import { ribbons } from "./ribbons.ts"
import { tension } from "./tension.ts"

/** A composition of nothing in particular: one of four, each balanced in its own way. */
export const abstract: Motif = (scene) => scene.random.fork("composition").pick([ribbons, orbs, tension, arches])(scene)
