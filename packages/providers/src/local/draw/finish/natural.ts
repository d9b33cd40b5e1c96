import { develop, type Finish } from "./Finish.ts"

/** No manner of its own: fine grain and slightly darker corners. */
export const natural: Finish = (scene) => develop(scene.canvas, { grain: 5, vignette: 0.2 })
