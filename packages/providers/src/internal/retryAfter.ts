type Headers = { readonly [name: string]: string | ReadonlyArray<string> | undefined }

const textOf = (headers: Headers, name: string): string | null => {
  const value = headers[name]
  return typeof value === "string" && value.trim() !== "" ? value.trim() : null
}

/** Seconds from the answer's own `date` to a date: both clocks are the provider's, whatever ours says. */
const secondsUntil = (text: string, headers: Headers): number => {
  const sent = textOf(headers, "date")
  return sent === null ? Number.NaN : (Date.parse(text) - Date.parse(sent)) / 1000
}

/**
 * Whole seconds to wait by `retry-after-ms` or `retry-after`, a number of seconds or an HTTP date, rounded up. Null when
 * the answer does not say. At most an hour is believed; a date that has passed is 0.
 */
export const retryAfterSeconds = (headers: Headers): number | null => {
  const millis = textOf(headers, "retry-after-ms")
  const wait = textOf(headers, "retry-after")
  const seconds =
    millis !== null
      ? Number(millis) / 1000
      : wait === null
        ? Number.NaN
        : /^[\d.]+$/.test(wait)
          ? Number(wait)
          : Math.max(0, secondsUntil(wait, headers))
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(3600, Math.ceil(seconds)) : null
}
