import { HttpApi, type HttpMethod } from "@effect/platform"
import { Api } from "@image-skill/core/api/Api"
import { Command } from "@image-skill/core/api/Command"
import { Context, Option } from "effect"

interface Route {
  readonly method: HttpMethod.HttpMethod
  readonly pattern: RegExp
  readonly command: string
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

const patternOf = (path: string) =>
  new RegExp(
    `^${path
      .split("/")
      .map((part) => (part.startsWith(":") ? "[^/]+" : escaped(part)))
      .join("/")}$`
  )

const reflect = (): ReadonlyArray<Route> => {
  const routes: Array<Route> = []
  HttpApi.reflect(Api, {
    onGroup: () => {},
    onEndpoint: ({ endpoint }) => {
      routes.push({
        method: endpoint.method,
        pattern: patternOf(endpoint.path),
        command: Option.getOrElse(Context.getOption(endpoint.annotations, Command), () => "image-skill")
      })
    }
  })
  return routes
}

let known: ReadonlyArray<Route> | undefined

const routes = (): ReadonlyArray<Route> => {
  known ??= reflect()
  return known
}

/** The words of the command that a request serves; `image-skill` for a path that serves none. */
export const commandOf = (method: string, path: string): string =>
  routes().find((route) => route.method === (method === "HEAD" ? "GET" : method) && route.pattern.test(path))
    ?.command ?? "image-skill"

/** The methods that a path takes: empty when there is no such path. */
export const methodsOf = (path: string): ReadonlyArray<string> =>
  routes()
    .filter((route) => route.pattern.test(path))
    .map((route) => route.method)
