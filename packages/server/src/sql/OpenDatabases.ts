/** A database that this process has open. */
export interface OpenDatabase {
  readonly file: string
  readonly isThere: () => boolean
}

const open = new Set<OpenDatabase>()

export const wasOpened = (database: OpenDatabase): void => void open.add(database)

export const wasClosed = (database: OpenDatabase): void => void open.delete(database)

/** `unavailable` once the file was removed or replaced under us. Opens nothing. */
export const databaseState = (file: string): "ok" | "not opened" | "unavailable" => {
  const own = [...open].filter((database) => database.file === file)
  if (own.length === 0) return "not opened"
  return own.some((database) => database.isThere()) ? "ok" : "unavailable"
}
