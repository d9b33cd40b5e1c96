const quoteCharactersMax = 80

/** What a caller wrote, as a message may quote it: at most 80 characters. */
export const quoted = (text: string): string =>
  text.length <= quoteCharactersMax ? text : `${text.slice(0, quoteCharactersMax - 1)}…`
