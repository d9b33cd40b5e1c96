import { Either } from "effect"

const schemeAndHost = /^[a-z][a-z0-9+.-]{0,20}:\/\/[^/?#;]*/i

/** As the router reads it: `%61` is an `a`, `%2f` is no slash. Left as it is where it cannot be read. */
const decoded = (path: string): string =>
  path.includes("%")
    ? Either.getOrElse(
        Either.try(() => decodeURI(path)),
        () => path
      )
    : path

/** The path of a request as the router takes it: without host, query and doubled slashes. Never fails. */
export const requestPath = (url: string): string => {
  const path = url.replace(schemeAndHost, "").split(/[?#;]/, 1)[0] ?? ""
  return decoded(`/${path}`.replace(/\/{2,}/g, "/"))
}
