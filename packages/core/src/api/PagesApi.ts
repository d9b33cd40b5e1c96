import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema } from "@effect/platform"
import { Schema } from "effect"
import { Envelope } from "../kernel/Envelope.ts"
import { limits } from "../kernel/Limits.ts"
import { Command } from "./Command.ts"
import { IdempotencyHeaders, IdempotencyKey, optional, strict } from "./Fields.ts"

const words = Schema.Array(Schema.String.pipe(Schema.maxLength(limits.promptCharactersMax))).pipe(
  Schema.maxItems(limits.commandWordsMax),
  Schema.filter((argv) => argv.reduce((sum, word) => sum + word.length, 0) <= limits.commandCharactersMax)
)

/** The words of a command line, one a value, without a shell in between: nothing is expanded or unquoted. */
export const CommandPayload = strict({
  argv: words.annotations({
    description: 'The words after image-skill, such as ["models", "list", "--json"]',
    message: () => ({
      message: `argv is a list of at most ${limits.commandWordsMax} texts with ${limits.commandCharactersMax} characters in all`,
      override: true
    })
  }),
  /** As any POST may carry one: it is the key of the command. */
  idempotency_key: optional(IdempotencyKey)
}).annotations({ identifier: "CommandPayload" })
export type CommandPayload = typeof CommandPayload.Type

const page = (contentType: string) => Schema.String.pipe(HttpApiSchema.withEncoding({ kind: "Text", contentType }))

/** The contract as pages, and commands over HTTP. */
export const PagesApi = HttpApiGroup.make("pages")
  .add(
    HttpApiEndpoint.get("openapi", "/openapi.json")
      .addSuccess(page("application/json"))
      .annotate(Command, "image-skill help")
  )
  .add(HttpApiEndpoint.get("docs", "/docs").addSuccess(page("text/html")).annotate(Command, "image-skill help"))
  .add(HttpApiEndpoint.get("llms", "/llms.txt").addSuccess(page("text/plain")).annotate(Command, "image-skill help"))
  .add(
    HttpApiEndpoint.get("skill", "/skill.md").addSuccess(page("text/markdown")).annotate(Command, "image-skill skill")
  )
  .add(
    HttpApiEndpoint.get("commands", "/cli.md").addSuccess(page("text/markdown")).annotate(Command, "image-skill help")
  )
  .add(
    HttpApiEndpoint.post("run", "/v1/cli")
      .setHeaders(IdempotencyHeaders)
      .setPayload(CommandPayload)
      .addSuccess(Envelope)
      .annotate(Command, "image-skill")
  )
