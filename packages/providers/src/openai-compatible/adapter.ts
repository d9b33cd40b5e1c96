import { type Endpoint, makeSyncAdapter } from "../openai/adapter.ts"
import { decodeReply, encodeCall } from "./wire.ts"

export const makeCompatibleAdapter = (endpoint: Endpoint) =>
  makeSyncAdapter(endpoint, { encode: encodeCall, decode: decodeReply })
