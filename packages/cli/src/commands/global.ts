import { boolean, type Flag, text } from "../Flags.ts"

export const jsonFlag = boolean({
  name: "json",
  help: "Print one JSON document, also on a terminal. Without a terminal it is always JSON"
})

export const helpFlag = boolean({ name: "help", help: "Show help for the command" })

export const versionFlag = boolean({ name: "version", help: "Show the version" })

export const apiBaseUrl = text({
  name: "api-base-url",
  valueName: "URL",
  environment: "IMAGE_SKILL_API_BASE_URL",
  help: "Talk to this server. Without one, the command does the work in its own process"
})

export const tokenStdin = boolean({
  name: "token-stdin",
  help: "Read the server's token from stdin (otherwise IMAGE_SKILL_TOKEN, IMAGE_SKILL_HOSTED_TOKEN, or the saved config)"
})

export const dataDirectory = text({
  name: "data-dir",
  valueName: "FOLDER",
  environment: "IMAGE_SKILL_DATA_DIR",
  help: "Where jobs and images are kept when no server is used"
})

/** Accepted by every command, before or after its words. */
export const globalFlags: ReadonlyArray<Flag> = [jsonFlag, helpFlag, versionFlag, apiBaseUrl, tokenStdin, dataDirectory]
