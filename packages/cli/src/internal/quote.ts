/** A word as a POSIX shell reads it back verbatim. */
export const quote = (word: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

/** A command line that can be pasted into a shell. */
export const commandLine = (words: ReadonlyArray<string>): string => words.map(quote).join(" ")

/** What was received, as an error message shows it: quoted, on one line, cut when it is long. */
export const excerpt = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text)
