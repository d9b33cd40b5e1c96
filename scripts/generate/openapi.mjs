// docs/openapi.json from the contract: what a server of this version answers at /openapi.json.
import { openApiDocument } from "@image-skill/core/api/OpenApiDocument"

/** The parts that grow: one line for each of their entries, so that a change can be read. */
const long = new Set(["paths", "components", "schemas", "examples"])

/**
 * @param {object} object
 * @returns {string}
 */
const lines = (object) =>
  `{\n${Object.entries(object)
    .map(([name, value]) => `${JSON.stringify(name)}:${long.has(name) ? lines(value) : JSON.stringify(value)}`)
    .join(",\n")}\n}`

export const generate = () => ({ "docs/openapi.json": `${lines(openApiDocument())}\n` })
