/** What the operator of a server types. */
import { boolean, choice, command, type Flag, integer, required, text, usd } from "../Flags.ts"
import { pageFlags } from "./page.ts"
import { idempotencyKey } from "./request.ts"

const token =
  "Takes the operator's token: IMAGE_SKILL_ADMIN_TOKEN, or on stdin with --token-stdin. Without a server it is for the owner of the data folder."

const page: ReadonlyArray<Flag> = Object.values(pageFlags)

const organization = text({ name: "organization", valueName: "ORG_ID", help: "Of this organization alone" })

const reason = required(
  text({ name: "reason", valueName: "TEXT", help: "Why: it is kept, and shown by admin acts list" })
)

export const jobFilters = {
  organization,
  provider: text({ name: "provider", valueName: "ID", help: "Of this provider alone" }),
  status: choice({
    name: "status",
    valueName: "STATUS",
    choices: ["queued", "running", "completed", "failed", "canceled"],
    help: "In this state alone"
  })
}

export const creditFlags = {
  organization: required(organization),
  credits: required(integer({ name: "credits", valueName: "N", min: 1, max: 10_000_000, help: "How many credits" })),
  reason,
  idempotencyKey
}

export const tokenReason = reason

const grantList = text({
  name: "grants",
  valueName: "LIST",
  help: "What the agent may do, separated by commas: some of create, edit, upload, assets, jobs, activity, quota, feedback and credits, or all"
})

export const grantFlags = { grants: required(grantList), reason }

export const inviteFlags = {
  uses: integer({ name: "uses", valueName: "N", min: 1, max: 10_000, help: "How many may use it (1)" }),
  days: integer({ name: "days", valueName: "N", min: 1, max: 365, help: "How many days it is good (30)" }),
  note: text({ name: "note", valueName: "TEXT", help: "Whom it is for, in your own words" }),
  grants: grantList
}

export const budgetFlags = {
  organization: required(organization),
  period: required(
    choice({ name: "period", valueName: "PERIOD", choices: ["day", "month"], help: "A UTC day or month" })
  ),
  model: text({ name: "model", valueName: "MODEL_ID", help: "Of this model; without it, of all models together" }),
  limit: usd({ name: "limit-usd", help: "What its calls may cost you at providers" }),
  remove: boolean({ name: "remove", help: "Take the budget away" }),
  note: text({ name: "note", valueName: "TEXT", help: "Why, in your own words" })
}

export const budgetOrganization = organization

export const spendFlags = {
  by: choice({
    name: "by",
    valueName: "WHAT",
    choices: ["model,day", "model", "day"],
    help: "One row for each of these (model,day)"
  }),
  from: text({ name: "from", valueName: "DAY", help: "The first UTC day, such as 2026-11-01 (30 days ago)" }),
  to: text({ name: "to", valueName: "DAY", help: "The last UTC day (today); at most 92 days in all" }),
  organization
}

export const unknownState = choice({
  name: "state",
  valueName: "STATE",
  choices: ["open", "resolved"],
  help: "Those to reconcile (the default), or those that are"
})

export const resolveFlags = {
  attempt: required(text({ name: "attempt", valueName: "ATTEMPT_ID", help: "As in admin unknown list" })),
  outcome: required(
    choice({
      name: "outcome",
      valueName: "OUTCOME",
      choices: ["charged", "not_charged"],
      help: "What the provider's bill says"
    })
  ),
  cost: usd({ name: "cost-usd", help: "What it charged; without it, the worst case" }),
  reason
}

export const eventOutcome = choice({
  name: "outcome",
  valueName: "OUTCOME",
  choices: ["waiting", "rejected"],
  help: "Events whose payment is not on record yet (the default), or that were rejected"
})

const agentId = { name: "AGENT_ID", required: true, help: "As in admin agents list" }

export const adminCommands = [
  command({
    name: "admin agents list",
    summary: "List the agents of a server, newest first",
    description: token,
    flags: page,
    examples: ["image-skill admin agents list --limit 50 --json"]
  }),
  command({
    name: "admin agents show",
    summary: "Show an agent, its credits and its budgets",
    description: token,
    positionals: [agentId],
    examples: ["image-skill admin agents show agt_0123456789abcdef --json"]
  }),
  command({
    name: "admin agents grants",
    summary: "Say what an agent may do, from its next call on",
    description: `${token} An endpoint whose grant is missing answers CAPABILITY_DENIED. A rotation of the token changes nothing of it.`,
    positionals: [agentId],
    flags: Object.values(grantFlags),
    examples: [
      "image-skill admin agents grants agt_0123456789abcdef --grants create,jobs,quota --reason 'buys nothing' --json",
      "image-skill admin agents grants agt_0123456789abcdef --grants all --reason 'trusted now' --json"
    ]
  }),
  command({
    name: "admin jobs list",
    summary: "List the jobs of every organization, newest first",
    description: `${token} Never shows a prompt.`,
    flags: [...Object.values(jobFilters), ...page],
    examples: ["image-skill admin jobs list --status failed --json"]
  }),
  command({
    name: "admin credits grant",
    summary: "Give credits to an organization",
    description: token,
    flags: Object.values(creditFlags),
    examples: [
      "image-skill admin credits grant --organization org_0123456789abcdef --credits 100 --reason 'a failed demo' --json"
    ]
  }),
  command({
    name: "admin credits revoke",
    summary: "Take credits back: as many as are available, and none are owed for the rest",
    description: token,
    flags: Object.values(creditFlags),
    examples: [
      "image-skill admin credits revoke --organization org_0123456789abcdef --credits 100 --reason 'granted twice' --json"
    ]
  }),
  command({
    name: "admin tokens revoke",
    summary: "End an agent's token: its next call is refused",
    description: token,
    positionals: [agentId],
    flags: [reason],
    examples: ["image-skill admin tokens revoke agt_0123456789abcdef --reason 'leaked in a log' --json"]
  }),
  command({
    name: "admin tokens rotate",
    summary: "End an agent's token and show a new one, once",
    description: token,
    positionals: [agentId],
    flags: [reason],
    examples: ["image-skill admin tokens rotate agt_0123456789abcdef --reason 'lost' --json"]
  }),
  command({
    name: "admin invites create",
    summary: "Make an invite code for a server whose signup is closed, and show it, once",
    description: token,
    flags: Object.values(inviteFlags),
    examples: ["image-skill admin invites create --uses 5 --days 14 --note 'the design team' --json"]
  }),
  command({
    name: "admin invites list",
    summary: "List invites, newest first",
    description: token,
    flags: page,
    examples: ["image-skill admin invites list --json"]
  }),
  command({
    name: "admin invites revoke",
    summary: "Leave an invite no use",
    description: token,
    positionals: [{ name: "INVITE_ID", required: true, help: "As in admin invites list" }],
    examples: ["image-skill admin invites revoke invite_0123456789abcdef --json"]
  }),
  command({
    name: "admin budgets list",
    summary: "List budgets, and what is used of them in this day or month",
    description: token,
    flags: [budgetOrganization, ...page],
    examples: ["image-skill admin budgets list --organization org_0123456789abcdef --json"]
  }),
  command({
    name: "admin budgets set",
    summary: "Limit what an organization may cost you at providers",
    description: `${token} A create or edit that may cost more than what is left is refused with BUDGET_EXCEEDED. Calls count with their worst cost until they have ended.`,
    flags: Object.values(budgetFlags),
    needs: [[budgetFlags.limit, budgetFlags.remove]],
    examples: [
      "image-skill admin budgets set --organization org_0123456789abcdef --period month --limit-usd 20 --json",
      "image-skill admin budgets set --organization org_0123456789abcdef --period day --model openai.gpt-image-2 --remove --json"
    ]
  }),
  command({
    name: "admin spend",
    summary: "Sum up what was spent at providers, by model and day",
    description: token,
    flags: Object.values(spendFlags),
    examples: ["image-skill admin spend --by model --from 2026-11-01 --to 2026-11-30 --json"]
  }),
  command({
    name: "admin unknown list",
    summary: "List calls that a provider may have charged and whose answer was lost",
    description: `${token} Each comes with what the provider is asked with: its own handle, the attempt and the times.`,
    flags: [unknownState, ...page],
    examples: ["image-skill admin unknown list --json"]
  }),
  command({
    name: "admin unknown resolve",
    summary: "Say whether the provider charged such a call",
    description: `${token} Its worst cost leaves the exposure and the budgets; what was charged stays in both as a cost.`,
    flags: Object.values(resolveFlags),
    examples: [
      "image-skill admin unknown resolve --attempt att_0123456789abcdef --outcome not_charged --reason 'not on the bill' --json"
    ]
  }),
  command({
    name: "admin exposure",
    summary: "Tell what providers may charge without being paid for",
    description: token,
    examples: ["image-skill admin exposure --json"]
  }),
  command({
    name: "admin acts list",
    summary: "List what the operator did, and why, newest first",
    description: token,
    flags: page,
    examples: ["image-skill admin acts list --json"]
  }),
  command({
    name: "admin audit",
    summary: "Recompute the books of a live server from their entries",
    description: `${token} Fails with every place where they are wrong. The server goes on working meanwhile.`,
    examples: ["image-skill admin audit --json"]
  }),
  command({
    name: "admin payments list",
    summary: "List payments, newest first",
    description: token,
    flags: page,
    examples: ["image-skill admin payments list --json"]
  }),
  command({
    name: "admin payments events",
    summary: "List payment events that wait for their payment, or were rejected",
    description: token,
    flags: [eventOutcome, ...page],
    examples: ["image-skill admin payments events --outcome rejected --json"]
  }),
  command({
    name: "admin payments reconcile",
    summary: "Ask the payment rail about a payment now",
    description: token,
    positionals: [{ name: "PAYMENT_ATTEMPT_ID", required: true, help: "As in admin payments list" }],
    examples: ["image-skill admin payments reconcile payatt_0123456789abcdef --json"]
  })
] as const
