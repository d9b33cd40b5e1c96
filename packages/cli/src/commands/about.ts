import { command } from "../Flags.ts"

export const help = command({
  name: "help",
  summary: "Show help, for everything or for one command",
  positionals: [{ name: "COMMAND...", required: false, help: "The words of a command" }],
  examples: ["image-skill help create", "image-skill create --help"]
})

export const version = command({
  name: "version",
  summary: "Show the version",
  examples: ["image-skill version --json"]
})

export const doctor = command({
  name: "doctor",
  summary: "Check this machine, the server, and what may be written",
  description: "Succeeds whatever it finds: each check says ok, warn or fail, and what helps.",
  examples: ["image-skill doctor --json"]
})
