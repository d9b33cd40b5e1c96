export { fal } from "./plugin.ts"
