export { xai } from "./plugin.ts"
