const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"))

/** Lower-case hex, two digits a byte. */
export const hexOf = (bytes: Uint8Array): string => {
  let text = ""
  for (const byte of bytes) text += digits[byte] ?? ""
  return text
}
