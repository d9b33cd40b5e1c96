/**
 * An id as one segment of a path; null for `.` and `..`, which a URL would resolve however they are written. Half a
 * surrogate pair, which no URL can carry, becomes the replacement character: an id that nothing has.
 */
export const pathSegment = (id: string): string | null =>
  id === "." || id === ".." || id === "" ? null : encodeURIComponent(id.replace(/\p{Surrogate}/gu, "\ufffd"))
