/** The bodies and answers of OpenAI's Images API, which these servers speak. */
export { decodeReply, encodeCall } from "../openai/wire.ts"
