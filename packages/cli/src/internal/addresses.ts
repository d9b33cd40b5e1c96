/** Which addresses a fetched URL may lead to. */
import { lookup } from "node:dns"
import { isIP, type LookupFunction } from "node:net"
import { isPublicAddress } from "@image-skill/providers/media/SafeFetchAddresses"

/** Loopback, private, link-local, multicast and other addresses that no public host has. */
export const isPrivateAddress = (address: string): boolean => !isPublicAddress(address)

/** The host of a URL as an address; null when it is a name. */
export const literalAddress = (url: URL): string | null => {
  const host = url.hostname.replace(/^\[|\]$/g, "")
  return isIP(host) === 0 ? null : host
}

export const isLoopbackName = (url: URL): boolean =>
  url.hostname === "localhost" ||
  url.hostname.endsWith(".localhost") ||
  /^127\.\d+\.\d+\.\d+$/.test(url.hostname) ||
  url.hostname === "[::1]"

export const privateAddressMessage = "its host is a private address"

/** Resolves a name for a connection, and refuses it when any of its addresses is private: the one checked is the one used. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? []
    if (error !== null) return callback(error, "", 0)
    if (first === undefined || addresses.some(({ address }) => isPrivateAddress(address))) {
      return callback(new Error(privateAddressMessage), "", 0)
    }
    return options.all === true ? callback(null, addresses) : callback(null, first.address, first.family)
  })
}
