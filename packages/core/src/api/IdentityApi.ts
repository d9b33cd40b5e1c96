import { HttpApiEndpoint, HttpApiGroup } from "@effect/platform"
import { Envelope } from "../kernel/Envelope.ts"
import { Command } from "./Command.ts"

/** Who calls, what is left, and whether the house stands. */
export const IdentityApi = HttpApiGroup.make("identity")
  .add(HttpApiEndpoint.get("whoami", "/v1/whoami").addSuccess(Envelope).annotate(Command, "image-skill whoami"))
  .add(HttpApiEndpoint.get("quota", "/v1/quota").addSuccess(Envelope).annotate(Command, "image-skill usage quota"))
  .add(HttpApiEndpoint.get("health", "/healthz").addSuccess(Envelope).annotate(Command, "image-skill doctor"))
