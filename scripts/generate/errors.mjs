// docs/errors.md from the one error table.
import { errorTable } from "@image-skill/core/kernel/Errors"

const head = `# Errors

Every failure is one JSON document; \`error.code\` is one of these, and is never reused. The exit code is the CLI's, the status is HTTP's
(a dash: only the CLI makes it). *Retry* says whether the same call may work later. Generated from \`packages/core/src/kernel/ErrorTable.ts\`.

| code | exit | status | retry | when |
|---|---|---|---|---|
`

export const generate = () => ({
  "docs/errors.md":
    head +
    Object.entries(errorTable)
      .map(
        ([code, { exit, status, retryable, when }]) =>
          `| \`${code}\` | ${exit} | ${status ?? "–"} | ${retryable ? "yes" : "no"} | ${when} |\n`
      )
      .join("")
})
