export { openaiCompatible } from "./plugin.ts"
