import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import type { Programs } from "./bundle.ts"
import { filesHolding, gather, spooledIn } from "./evidence.ts"
import { type Told, type Violation, violationsOf } from "./laws.ts"
import { pictureOf } from "./pictures.ts"
import type { Answered, PlannedCall, Point } from "./plan.ts"
import { type Ending, runVictim, type Start, type Upstream } from "./processes.ts"
import type { Shape } from "./wire.ts"

/** One process to be killed: at the nth passing of a point, or from outside after a while. */
export interface Kill {
  readonly shape: Shape
  readonly at: { readonly point: Point; readonly nth: number } | NonNullable<Start["strike"]>
  /** It also takes up what those before it left: it may die while it does so. */
  readonly resumes: boolean
}

/** What became of one request: the phases of its attempts. */
export interface Fate extends Told {
  readonly phases: ReadonlyArray<string>
}

export interface Verdict {
  readonly fates: ReadonlyArray<Fate>
  readonly violations: ReadonlyArray<Violation>
}

/** In every prompt, and nowhere else: it is looked for in the raw files. */
const canary = "marmalade-zeppelin"

/** How long the work of a request takes whose process is killed at a time of no point. */
const slowMillis = 120

const bodyOf = (key: string, kill: Kill, input: string | null): PlannedCall => ({
  path: kill.shape === "free" ? "/v1/edit" : "/v1/create",
  key,
  body: {
    prompt: `${canary} ${key}`,
    model: `crash.${kill.shape}`,
    ...(kill.shape === "batch" ? { output_count: 4 } : {}),
    ...(kill.shape === "free" ? { input_asset_id: input } : {}),
    ...("point" in kill.at ? {} : { model_parameters: { slow: slowMillis } })
  }
})

const upload: PlannedCall = {
  path: "/v1/upload",
  key: null,
  body: { bytes_base64: Buffer.from(pictureOf("an input", 0, false)).toString("base64") }
}

const uploadedBy = ({ answers }: Ending): string => {
  const asset = answers[0]?.envelope.data?.["asset"]
  const id = typeof asset === "object" && asset !== null && "asset_id" in asset ? asset["asset_id"] : null
  if (typeof id !== "string") throw new Error(`the input image was not taken: ${JSON.stringify(answers)}`)
  return id
}

const diedAt = (kill: Kill, { signal }: Ending): Told["died"] =>
  signal !== "SIGKILL" ? null : "point" in kill.at ? kill.at.point : "strike"

/** What the last lives were told: each request has its answer, or that is broken too. */
const silence = (ending: Ending, calls: ReadonlyArray<PlannedCall>): ReadonlyArray<Violation> => {
  const missing = calls.filter(({ key }) => !ending.answers.some((answer) => answer.key === key))
  const how = `exit ${ending.code}, signal ${ending.signal}${ending.isLate ? ", it hung" : ""}: ${ending.errors.slice(0, 500)}`
  return [
    ...(ending.code === 0 ? [] : [{ law: "open" as const, key: null, text: `the last process did not end: ${how}` }]),
    ...missing.map(({ key }) => ({ law: "answer" as const, key, text: `no answer to its replay; ${how}` }))
  ]
}

const idle = { resume: false, killAt: null, isStepwise: false } as const

/** Each life is a process that makes its own calls. */
const inOneProcess = (programs: Programs, start: Start) => runVictim(programs.of("victim"), start)

/**
 * Kills one process after the other on one fresh data directory, each with a request of its own; then starts a process
 * that resumes and repeats every request, another one that repeats them again, and looks at what is left.
 */
export const liveThrough = async (
  programs: Programs,
  upstream: Upstream,
  kills: ReadonlyArray<Kill>,
  run: (programs: Programs, start: Start) => Promise<Ending> = inOneProcess
): Promise<Verdict> => {
  const dataDirectory = await mkdtemp(join(tmpdir(), "image-skill-crash-"))
  const house = basename(dataDirectory)
  const live = (plan: Pick<Start["plan"], "calls"> & Partial<Start["plan"]>, strike?: Start["strike"]) =>
    run(programs, {
      plan: { ...idle, dataDirectory, upstream: upstream.baseOf(house), ...plan },
      ...(strike === undefined ? {} : { strike })
    })
  try {
    // Also grants the credits: it is the first to open the folder.
    const input = uploadedBy(
      await inOneProcess(programs, {
        plan: { ...idle, dataDirectory, upstream: upstream.baseOf(house), calls: [upload] }
      })
    )
    const told: Array<Told> = []
    const calls: Array<PlannedCall> = []
    const received = new Set<string>()
    for (const [index, kill] of kills.entries()) {
      const key = `${kill.shape} ${index}`
      const call = bodyOf(key, kill, input)
      const ending =
        "point" in kill.at
          ? await live({ calls: [call], killAt: kill.at, resume: kill.resumes })
          : await live({ calls: [call], resume: kill.resumes }, kill.at)
      for (const attempt of spooledIn(dataDirectory)) received.add(attempt)
      calls.push(call)
      told.push({
        key,
        shape: kill.shape,
        died: diedAt(kill, ending),
        nth: "point" in kill.at ? kill.at.nth : 1,
        isAlone: !kills.some(({ resumes }) => resumes)
      })
    }
    const first = await live({ calls, resume: true })
    const second = await live({ calls })
    const silent = [...silence(first, calls), ...silence(second, calls)]
    // Nothing was answered: there may be no table to look into.
    if (first.code !== 0) return { fates: told.map((one) => ({ ...one, phases: [] })), violations: silent }
    const leaks = filesHolding(dataDirectory, canary)
    const evidence = gather(dataDirectory)
    const replays: readonly [ReadonlyArray<Answered>, ReadonlyArray<Answered>] = [first.answers, second.answers]
    const seen = await upstream.seen(house)
    return {
      fates: told.map((one) => {
        const job = evidence.keys.find((key) => key.idempotency_key === one.key)?.job_id
        return { ...one, phases: evidence.attempts.filter((row) => row.job_id === job).map((row) => row.phase) }
      }),
      violations: [...silent, ...violationsOf({ evidence, seen, told, received, replays, leaks })]
    }
  } finally {
    await rm(dataDirectory, { recursive: true, force: true })
  }
}
