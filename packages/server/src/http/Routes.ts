import { HttpApi, type HttpApiGroup, type HttpMethod } from "@effect/platform"
import { Caller, type CallerNeeded } from "@image-skill/core/api/Caller"
import { Command } from "@image-skill/core/api/Command"
import { Context, Layer, Option } from "effect"

interface Route {
  readonly method: HttpMethod.HttpMethod
  readonly pattern: RegExp
  readonly command: string
  readonly caller: CallerNeeded | null
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

const patternOf = (path: string) =>
  new RegExp(
    `^${path
      .split("/")
      .map((part) => (part.startsWith(":") ? "[^/]+" : escaped(part)))
      .join("/")}/?$`,
    // As the router takes it: in any case of letters, with a slash at its end or without.
    "i"
  )

const reflect = <Id extends string, Groups extends HttpApiGroup.HttpApiGroup.Any, E, R>(
  api: HttpApi.HttpApi<Id, Groups, E, R>
): ReadonlyArray<Route> => {
  const routes: Array<Route> = []
  HttpApi.reflect(api, {
    onGroup: () => {},
    onEndpoint: ({ endpoint }) => {
      routes.push({
        method: endpoint.method,
        pattern: patternOf(endpoint.path),
        command: Option.getOrElse(Context.getOption(endpoint.annotations, Command), () => "image-skill"),
        caller: Option.getOrNull(Context.getOption(endpoint.annotations, Caller))
      })
    }
  })
  return routes
}

export const routesOf = <Id extends string, Groups extends HttpApiGroup.HttpApiGroup.Any, E, R>(
  api: HttpApi.HttpApi<Id, Groups, E, R>
) => {
  let known: ReadonlyArray<Route> | undefined
  const routes = () => (known ??= reflect(api))
  const find = (method: string, path: string) =>
    routes().find((route) => route.method === (method === "HEAD" ? "GET" : method) && route.pattern.test(path))
  return {
    /** Whether a request has a route; HEAD is answered wherever GET is. */
    has: (method: string, path: string): boolean => find(method, path) !== undefined,
    /** The words of the command that a request serves; `image-skill` for a path that serves none. */
    commandOf: (method: string, path: string): string => find(method, path)?.command ?? "image-skill",
    /** Whose token a request must carry; null where it needs none. */
    callerOf: (method: string, path: string) => find(method, path)?.caller ?? null,
    /** The methods that a path takes: empty when there is no such path. */
    methodsOf: (path: string): ReadonlyArray<string> =>
      routes()
        .filter((route) => route.pattern.test(path))
        .map((route) => route.method)
  } as const
}

const none: ReturnType<typeof routesOf> = {
  has: () => false,
  commandOf: () => "image-skill",
  callerOf: () => null,
  methodsOf: () => []
}

/** The routes of the API that answers; none where what answers is no API. */
export class Routes extends Context.Reference<Routes>()("@image-skill/server/Routes", { defaultValue: () => none }) {
  static readonly layer = <Id extends string, Groups extends HttpApiGroup.HttpApiGroup.Any, E, R>(
    api: HttpApi.HttpApi<Id, Groups, E, R>
  ) => Layer.sync(this, () => routesOf(api))
}
