import type { Dialect } from "../openai/adapter.ts"
import { decodeReply, encodeCall } from "./wire.ts"

export const compatibleDialect: Dialect = { encode: encodeCall, decode: decodeReply }
