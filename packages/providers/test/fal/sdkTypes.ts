import { readFileSync } from "node:fs"
import { createRequire } from "node:module"

// The official client's published types, read as text: what an endpoint takes and gives, by people who are not us.

const file = createRequire(import.meta.url)
  .resolve("@fal-ai/client/endpoints")
  .replace(/\.js$/, ".d.ts")
const source = readFileSync(file, "utf8")

const endpointNames = new Map(
  [
    ...source
      .slice(source.indexOf("export type EndpointTypeMap"))
      .matchAll(/^ {4}"([^"]+)": \{\n\s+input: (\w+);\n\s+output: (\w+);/gm)
  ].map(([, endpoint = "", input = "", output = ""]) => [endpoint, { input, output }] as const)
)

export interface Fields {
  readonly names: ReadonlySet<string>
  readonly required: ReadonlyArray<string>
}

const fieldsOf = (name: string): Fields => {
  const start = source.indexOf(`export type ${name} = `)
  const end = source.indexOf("\n};", start)
  const line = source.slice(start, source.indexOf("\n", start))
  const alias = /= (\w+);$/.exec(line)?.[1]
  if (alias !== undefined) return fieldsOf(alias)
  const fields = [...source.slice(start, end).matchAll(/^ {4}(\w+)(\??): /gm)]
  return {
    names: new Set(fields.map(([, field = ""]) => field)),
    required: fields.filter(([, , optional]) => optional === "").map(([, field = ""]) => field)
  }
}

/** Whether these types know the endpoint: they are of April 2026, some are younger. */
export const isPublished = (endpoint: string): boolean => endpointNames.has(endpoint)

export const inputFields = (endpoint: string): Fields => fieldsOf(endpointNames.get(endpoint)?.input ?? "")
export const outputFields = (endpoint: string): Fields => fieldsOf(endpointNames.get(endpoint)?.output ?? "")
