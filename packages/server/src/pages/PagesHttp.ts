import { HttpApiBuilder, HttpServerResponse } from "@effect/platform"
import { Api } from "@image-skill/core/api/Api"
import { MediaOrigin } from "@image-skill/core/assets/MediaOrigin"
import { Effect } from "effect"
import { Answering } from "../http/Answering.ts"
import { Commands } from "./CommandLine.ts"
import { runCommand } from "./runCommand.ts"

/** Changes with the version of the house only; a browser asks whether it did. */
const caching = { "cache-control": "no-cache", "x-content-type-options": "nosniff" }

const page = (contentType: string, content: string, headers: Readonly<Record<string, string>> = {}) =>
  HttpServerResponse.text(content, { contentType, headers: { ...caching, ...headers } })

/** Loaded when somebody reads: no other call of the house needs them. */
const documents = Effect.promise(() => import("./Documents.ts"))

export const PagesHttp = HttpApiBuilder.group(
  Api,
  "pages",
  Effect.fnUntraced(function* (handlers) {
    const answering = yield* Answering
    const commands = yield* Commands
    const { base } = yield* MediaOrigin
    const url = base.replace(/\/a\/$/, "")

    const text = (name: "llms" | "skill" | "commands", contentType: string) =>
      Effect.map(documents, ({ plainPages }) =>
        page(`${contentType}; charset=utf-8`, (commands?.line.pages ?? plainPages)[name](url))
      )

    return handlers
      .handleRaw("openapi", () =>
        Effect.map(documents, ({ openApiJson }) =>
          page("application/json", openApiJson(), { "access-control-allow-origin": "*" })
        )
      )
      .handleRaw("docs", () =>
        Effect.map(documents, ({ docsPage }) => {
          const { contentSecurityPolicy, html } = docsPage()
          return page("text/html; charset=utf-8", html, { "content-security-policy": contentSecurityPolicy })
        })
      )
      .handleRaw("llms", () => text("llms", "text/plain"))
      .handleRaw("skill", () => text("skill", "text/markdown"))
      .handleRaw("commands", () => text("commands", "text/markdown"))
      .handle("run", ({ payload }) => runCommand(answering, commands, payload))
  })
)
