import { BlockList, isIP, isIPv4 } from "node:net"

const special = new BlockList()
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3]
] as const) {
  special.addSubnet(network, prefix, "ipv4")
}

/** All that IPv6 hosts on the internet have is in here; in it lie tunnels to IPv4 and ranges for documentation. */
const global = new BlockList()
global.addSubnet("2000::", 3, "ipv6")
const withinGlobal = new BlockList()
for (const [network, prefix] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20]
] as const) {
  withinGlobal.addSubnet(network, prefix, "ipv6")
}

/**
 * Whether an address is of a public host. What is no address, and every form of IPv6 that carries an IPv4 address
 * (mapped, compatible, NAT64, 6to4, Teredo), is not.
 */
export const isPublicAddress = (address: string): boolean => {
  if (isIPv4(address)) return !special.check(address, "ipv4")
  return isIP(address) === 6 && global.check(address, "ipv6") && !withinGlobal.check(address, "ipv6")
}
