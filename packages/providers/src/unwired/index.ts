export { unwired } from "./plugins.ts"
