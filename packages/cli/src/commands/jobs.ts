import { command, integer, withDefault } from "../Flags.ts"
import { pageFlags } from "./page.ts"

const job = { name: "JOB_ID", required: true, help: "As in the answer of create or edit" }

export const timeoutMillis = withDefault(
  integer({
    name: "timeout-ms",
    valueName: "MS",
    min: 0,
    max: 3_600_000,
    help: "Give up after this many milliseconds (exit 8); the job goes on"
  }),
  120_000
)

export const pollIntervalMillis = withDefault(
  integer({
    name: "poll-interval-ms",
    valueName: "MS",
    min: 50,
    max: 60_000,
    help: "Pause between two looks, in milliseconds"
  }),
  1000
)

export const jobsList = command({
  name: "jobs list",
  summary: "List jobs, newest first",
  flags: Object.values(pageFlags),
  examples: ["image-skill jobs list --limit 20 --json"]
})

export const jobsCancel = command({
  name: "jobs cancel",
  summary: "Stop a job, as far as it can still be stopped",
  description: "What was held and is not spent comes back. A job that has ended cannot be canceled.",
  positionals: [job],
  examples: ["image-skill jobs cancel job_0123456789abcdef --json"]
})

export const jobsShow = command({
  name: "jobs show",
  summary: "Show a job",
  positionals: [job],
  examples: ["image-skill jobs show job_0123456789abcdef --json"]
})

export const jobsWait = command({
  name: "jobs wait",
  summary: "Wait until a job has ended",
  description: "A job that failed or was canceled has ended too: the command succeeds and the job says what happened.",
  positionals: [job],
  flags: [timeoutMillis, pollIntervalMillis],
  examples: ["image-skill jobs wait job_0123456789abcdef --timeout-ms 30000 --json"]
})
