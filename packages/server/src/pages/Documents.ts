/** Everything that is only read by people and tools, loaded as one. */
import { openApiDocument } from "@image-skill/core/api/OpenApiDocument"
import { lazily } from "@image-skill/core/kernel/Lazily"
import { renderDocs } from "./DocsPage.ts"

export { plainPages } from "./plainPages.ts"

const document = lazily(openApiDocument)

export const openApiJson = lazily(() => JSON.stringify(document()))

export const docsPage = lazily(() => renderDocs(document()))
