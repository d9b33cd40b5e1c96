/** Which addresses a fetched URL may lead to. */
import { lookup } from "node:dns"
import { BlockList, isIP, type LookupFunction } from "node:net"

const blocked = new BlockList()
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3]
] as const) {
  blocked.addSubnet(network, prefix, "ipv4")
}
for (const [network, prefix] of [
  ["::", 127],
  ["64:ff9b::", 96],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8]
] as const) {
  blocked.addSubnet(network, prefix, "ipv6")
}

/** Loopback, private, link-local, multicast and other addresses that no public host has. */
export const isPrivateAddress = (address: string): boolean => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return blocked.check(mapped, "ipv4")
  const family = isIP(address)
  if (family === 0) return true
  // Other spellings of mapped addresses (::ffff:7f00:1) are nothing that a public host would have.
  return family === 4 ? blocked.check(address, "ipv4") : address.startsWith("::") || blocked.check(address, "ipv6")
}

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
