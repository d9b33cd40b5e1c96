export { openai } from "./plugin.ts"
