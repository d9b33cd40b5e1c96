import { command } from "../Flags.ts"

export const authStatus = command({
  name: "auth status",
  aliases: ["auth"],
  summary: "Show which server and which token are in force, and whether it is good",
  description: "Succeeds without a token too. A token is never shown.",
  examples: ["image-skill auth status --json"]
})

export const authSave = command({
  name: "auth save",
  summary: "Keep a token in the config file, once the server knows it",
  description:
    "The token comes on stdin with --token-stdin, or from IMAGE_SKILL_TOKEN. The server is saved with it, and used from then on.",
  examples: ["image-skill auth save --token-stdin --api-base-url http://127.0.0.1:8787 --json"]
})

export const authLogout = command({
  name: "auth logout",
  summary: "Take the token out of the config file",
  description: "The token itself goes on being valid, and the server stays the one that commands go to.",
  examples: ["image-skill auth logout --json"]
})
