import { command, integer, text, withDefault } from "../Flags.ts"

export const serveHost = withDefault(
  text({ name: "host", valueName: "ADDRESS", help: "The address to listen on; off loopback, signup is closed" }),
  "127.0.0.1"
)

export const servePort = withDefault(
  integer({ name: "port", valueName: "PORT", min: 0, max: 65_535, help: "The port to listen on; 0 for any" }),
  8787
)

export const serve = command({
  name: "serve",
  summary: "Host the API for others, on this machine's data folder",
  description:
    "Prints its answer once it listens, and runs until it is told to stop. SIGTERM or Ctrl-C stops it politely: what runs at a provider is handed to the next start, what cannot be is finished. A second one ends it at once, and loses nothing that a crash would not.",
  flags: [serveHost, servePort],
  examples: ["image-skill serve --json", "image-skill serve --host 127.0.0.1 --port 0 --data-dir ./data --json"]
})
