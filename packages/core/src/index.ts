export { type ErrorCode, errorTable, Failure } from "./kernel/Errors.ts"
export { define } from "./provider/Provider.ts"
export { ImageSkill } from "./sdk/ImageSkill.ts"
export { Studio } from "./studio/Studio.ts"
