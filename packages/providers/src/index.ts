export { builtIn } from "./builtIn.ts"
export { local } from "./local/index.ts"
