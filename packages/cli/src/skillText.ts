/**
 * The agent skill: what an agent needs to know to make images with this, on one page. The CLI prints it, and a server
 * can serve it; it loads nothing.
 */
export interface SkillPlace {
  /** The server's URL; null for the work in the agent's own process. */
  readonly apiBaseUrl: string | null
}

const remote = (url: string): string => `## Where

The server is ${url}. Sign up once; the token is saved in the config file and never printed again.

\`\`\`bash
export IMAGE_SKILL_API_BASE_URL=${url}
image-skill signup --agent --agent-name my-agent --save --json
\`\`\`
`

const embedded = `## Where

Without a server the work is done in the command's own process: no account, no key for the \`local\` models. A key in the environment (\`OPENAI_API_KEY\`, \`FAL_KEY\`, \`XAI_API_KEY\`) adds its provider's models. \`IMAGE_SKILL_API_BASE_URL\` names a server instead; then sign up once:

\`\`\`text
image-skill signup --agent --agent-name my-agent --save --json
\`\`\`
`

const body = `## First image: two commands

\`\`\`bash
image-skill models overview --json
image-skill create --prompt "a lighthouse in a storm" --output lighthouse.png --brief --json
\`\`\`

Unsure what is missing? \`--guide\` spends nothing, says what stands in the way, and gives one \`next_command\` to run:

\`\`\`bash
image-skill create --prompt "a lighthouse in a storm" --guide --json
\`\`\`

## Reading answers

stdout is one JSON document: \`ok\`, \`data\`, \`warnings\`, \`error\`. On failure read \`error.code\`, then run \`error.recovery.suggested_command\`; values that only you know are named in \`error.recovery.missing_inputs\`. Exit codes: 0 done, 2 wrong arguments, 3 sign up, 4 the model cannot, 5 credits or budget, 6 refused content, 7 provider or network, 8 timeout, 9 files or storage, 130 interrupted.

## Money

- \`--dry-run\` prints the exact debit and moves nothing: \`cost.credit_pricing.credits_required\`, 1 credit is $0.01.
- \`--max-usd 0.10\` refuses what would debit more. Unknown cost is refused until you say \`--accept-unknown-cost\`.
- A killed or lost command is never sent again by hand with a new key: run the \`recover_command\` that it printed to stderr, or ask \`image-skill doctor --json\`. The same \`--idempotency-key\` never pays twice.

## Choosing

\`\`\`bash
image-skill models find "text" --operation create --sort price --limit 3 --json
image-skill models show local.procedural --json
\`\`\`

Without \`--model\` the strongest one that is available, within the budget, is chosen; \`request.selection\` says why. A model's own controls go into \`--model-parameters-json\`; what a model does not have is an error, never ignored.

## Editing, and many at once

\`\`\`bash
image-skill edit --input lighthouse.png --model local.resize --model-parameters-json '{"scale":0.5}' --output small.png --brief --json
printf '%s\\n' '{"id":"dawn","prompt":"a harbour at dawn"}' '{"id":"dusk","prompt":"a harbour at dusk"}' > items.jsonl
image-skill create --batch items.jsonl --batch-id harbours --output "{item}.{ext}" --max-usd 1 --json
\`\`\`

The whole batch is checked and priced before anything is spent. The same \`--batch-id\` takes it up where it stopped and pays nothing twice.

## Later

\`image-skill jobs wait JOB_ID --json\`, \`image-skill assets get ASSET_ID --output FILE --json\`, \`image-skill help create --json\`. Tell us what was hard: \`image-skill feedback create --title T --body B --json\`.
`

/** Markdown with the front matter that agents' skill folders want. */
export const skillText = ({ apiBaseUrl }: SkillPlace): string => `---
name: image-skill
description: Create and edit images from the command line. Every price is known before it is spent; every answer is one JSON document with the next command to run.
---

# Image Skill

${apiBaseUrl === null ? embedded : remote(apiBaseUrl)}
${body}`
