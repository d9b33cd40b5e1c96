import { type Endpoint, makeSyncAdapter } from "../openai/adapter.ts"
import { decodeReply, encodeCall } from "./wire.ts"

/** OpenAI's paths with bodies of their own: edits are JSON, and the answer says what it cost. */
export const makeXaiAdapter = (endpoint: Endpoint) =>
  makeSyncAdapter(endpoint, { encode: encodeCall, decode: decodeReply })
