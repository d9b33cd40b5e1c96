const schemeAndHost = /^[a-z][a-z0-9+.-]{0,20}:\/\/[^/?#;]*/i

/** The path of a request as the router takes it: without host, query and doubled slashes. Never fails. */
export const requestPath = (url: string): string => {
  const path = url.replace(schemeAndHost, "").split(/[?#;]/, 1)[0] ?? ""
  return `/${path}`.replace(/\/{2,}/g, "/")
}
