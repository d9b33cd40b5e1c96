export { openEmbedded } from "./Embedded.ts"
export { openImageSkill } from "./Library.ts"
