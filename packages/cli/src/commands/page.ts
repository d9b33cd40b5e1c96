import { integer, text } from "../Flags.ts"

/** The flags of every list that goes on. */
export const pageFlags = {
  limit: integer({
    name: "limit",
    valueName: "N",
    min: 1,
    max: 200,
    help: "At most this many (the server's default is 20)"
  }),
  cursor: text({ name: "cursor", valueName: "CURSOR", help: "Go on after the page whose next_cursor this is" })
}
