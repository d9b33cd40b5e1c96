export { local } from "./plugin.ts"
