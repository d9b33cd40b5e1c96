import type { MotifId } from "./Lexicon.ts"
import { abstract } from "./motifs/abstract.ts"
import { bauhaus } from "./motifs/bauhaus.ts"
import { bloom } from "./motifs/bloom.ts"
import { city } from "./motifs/city.ts"
import { crystal } from "./motifs/crystal.ts"
import { dunes } from "./motifs/dunes.ts"
import { flow } from "./motifs/flow.ts"
import { forest } from "./motifs/forest.ts"
import { mountains } from "./motifs/mountains.ts"
import { paper } from "./motifs/paper.ts"
import { sea } from "./motifs/sea.ts"
import { space } from "./motifs/space.ts"
import type { Motif } from "./Scene.ts"

export const motifs: Readonly<Record<MotifId, Motif>> = {
  mountains,
  sea,
  dunes,
  forest,
  city,
  space,
  flow,
  crystal,
  bauhaus,
  paper,
  bloom,
  abstract
}
