import type { HttpServerRequest } from "@effect/platform"
import { Context, Option } from "effect"

/** Proxies of the operator's in front of the house: so many last entries of `x-forwarded-for` are their words. */
export class TrustedProxies extends Context.Reference<TrustedProxies>()("@image-skill/server/TrustedProxies", {
  defaultValue: () => 0
}) {}

const mappedIpv4 = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i
const ipv4WithPort = /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/
const addressCharactersMax = 64

/** The network of an IPv6 address, that is its first 64 bits: who has one address there has all. */
const network = (address: string): string => {
  const [head = "", tail] = address.split("::", 2)
  const groups = head === "" ? [] : head.split(":")
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - (tail === "" ? 0 : tail.split(":").length))
  const all = [...groups, ...Array.from({ length: zeros }, () => "0"), ...(tail ?? "").split(":")]
  const first = all.slice(0, 4).map((group) => group.toLowerCase().replace(/^0+(?=.)/, ""))
  return `${first.join(":")}::/64`
}

/** An address as limits count it. */
export const countedAddress = (address: string): string => {
  const text = address.trim().replace(/^\[|\]$|%.*$/g, "")
  const ipv4 = (mappedIpv4.exec(text) ?? ipv4WithPort.exec(text))?.[1]
  if (ipv4 !== undefined) return ipv4
  return (/^[0-9a-f:]{2,39}$/i.test(text) && text.includes(":") ? network(text) : text).slice(0, addressCharactersMax)
}

/** Where a request comes from. What a caller writes into `x-forwarded-for` itself counts for nothing. */
export const callerAddress = (
  request: Pick<HttpServerRequest.HttpServerRequest, "headers" | "remoteAddress">,
  trustedProxies: number
): string => {
  const socket = Option.getOrElse(request.remoteAddress, () => "unknown")
  if (trustedProxies === 0) return countedAddress(socket)
  const hops = [...(request.headers["x-forwarded-for"] ?? "").split(",").filter((hop) => hop.trim() !== ""), socket]
  return countedAddress(hops[Math.max(0, hops.length - 1 - trustedProxies)] ?? socket)
}
