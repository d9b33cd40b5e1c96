import { openApiDocument } from "@image-skill/core/api/OpenApiDocument"
import type { CommandPages } from "./CommandLine.ts"

/** A line for each endpoint: what is called, and what for. */
export const endpointLines = (): ReadonlyArray<string> =>
  Object.entries(openApiDocument().paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { summary }]) => `- ${method.toUpperCase()} ${path}: ${summary}`)
  )

const about = (url: string) => `# Image Skill

> Create and edit images over HTTP. Every price is known before it is spent; every answer is one JSON envelope.

This house is ${url}. Its contract: ${url}/openapi.json, and ${url}/docs for people.

- Send \`authorization: Bearer isk_r_…\`. \`POST /v1/agent-signups\` with \`{"return_token": true}\` gives a token, once.
- Read \`ok\`, \`data\` and \`warnings\`; on failure \`error.code\`, \`error.retryable\` and \`error.recovery\`.
- \`"dry_run": true\` in a create or edit prints the exact debit and moves nothing.
- An \`idempotency_key\` makes a POST safe to repeat: the same key never pays twice.

## Endpoints

${endpointLines().join("\n")}
`

/** The pages of a house that has no command line: what its API says of itself. */
export const plainPages: CommandPages = {
  llms: about,
  skill: (url) =>
    `---\nname: image-skill\ndescription: Create and edit images over HTTP. Every price is known before it is spent.\n---\n\n${about(url)}`,
  commands: (url) => `# Commands\n\nThis house runs no commands. Its endpoints are at ${url}/docs.\n`
}
