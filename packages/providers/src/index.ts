export { local } from "./local/index.ts"
