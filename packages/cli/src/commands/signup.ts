import { boolean, command, text } from "../Flags.ts"

export const signupFlags = {
  agent: boolean({ name: "agent", help: "Sign an agent up: the only kind of signup there is" }),
  contact: text({
    name: "agent-contact",
    valueName: "EMAIL",
    help: "Who answers for the agent: an inbox that is read. Not a made-up one"
  }),
  humanEmail: text({ name: "human-email", valueName: "EMAIL", help: "The same as --agent-contact" }),
  agentName: text({ name: "agent-name", valueName: "NAME", help: "What to call the agent" }),
  runtime: text({ name: "runtime", valueName: "NAME", help: "What the agent runs in, such as codex" }),
  save: boolean({ name: "save", help: "Keep the token in the config file (mode 0600), and not in the answer" }),
  showToken: boolean({ name: "show-token", help: "Print the token, once: for a secret store of your own" }),
  inviteCode: text({ name: "invite-code", valueName: "CODE", help: "For a server whose signup is closed" })
}

export const signup = command({
  name: "signup",
  summary: "Get an agent of your own, and its token, from a server",
  description:
    "Makes a new agent with its own credits. Say --save or --show-token: nobody can ask for a token again. With --token-stdin the token on stdin is rotated instead: it ends, and its agent gets a new one.",
  flags: Object.values(signupFlags),
  examples: [
    "image-skill signup --agent --agent-contact agent-ops@example.com --agent-name creative-agent --runtime codex --save --json"
  ]
})
