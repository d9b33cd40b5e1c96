/** Everything that is only read by people and tools, loaded as one. */
import { openApiDocument } from "@image-skill/core/api/OpenApiDocument"
import { renderDocs } from "./DocsPage.ts"

export { plainPages } from "./plainPages.ts"

const lazily = <A>(make: () => A): (() => A) => {
  let made: { readonly value: A } | undefined
  return () => (made ??= { value: make() }).value
}

const document = lazily(openApiDocument)

export const openApiJson = lazily(() => JSON.stringify(document()))

export const docsPage = lazily(() => renderDocs(document()))
