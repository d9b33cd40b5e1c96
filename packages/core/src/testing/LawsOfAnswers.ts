import { errorTable } from "../kernel/Errors.ts"
import { canonical, isObject, type Json, type JsonObject } from "../kernel/Json.ts"
import type { Facts, Law, Rehearsal } from "./LawsFacts.ts"
import type { Answer, ClientCall } from "./SimulatorClients.ts"
import { textOf } from "./SimulatorGround.ts"

const field = (value: Json | undefined, ...path: ReadonlyArray<string>): Json | undefined =>
  path.reduce<Json | undefined>((at, name) => (isObject(at) ? at[name] : undefined), value)

/** The job that an answer speaks of; undefined when it speaks of none. */
const jobIdOf = (answer: Answer): string | undefined => {
  const id =
    answer._tag === "Data"
      ? answer.data["job_id"]
      : answer._tag === "Failure"
        ? answer.error.details?.["job_id"]
        : undefined
  return typeof id === "string" ? id : undefined
}

const completed = (answer: Answer): JsonObject | null =>
  answer._tag === "Data" && answer.data["status"] === "completed" ? answer.data : null

const byKey = (facts: Facts): ReadonlyArray<readonly [string, ReadonlyArray<ClientCall>]> => {
  const groups = new Map<string, Array<ClientCall>>()
  for (const call of facts.calls.filter((one) => !one.delivery.dryRun && one.delivery.idempotencyKey !== null)) {
    const name = `${call.payer.actor.ref.organization_id} ${call.request.command} ${call.delivery.idempotencyKey}`
    groups.set(name, [...(groups.get(name) ?? []), call])
  }
  return [...groups]
}

const frozen = (data: JsonObject): string =>
  canonical(Object.fromEntries(Object.entries(data).filter(([name]) => name !== "idempotent_replay")))

const rehearsed = ({ dry, live, isUntouched }: Rehearsal): ReadonlyArray<string> => {
  if (!isUntouched) return ["it changed a table"]
  const done = completed(live)
  if (dry._tag !== "Data") {
    return live._tag === "Failure" && dry._tag === "Failure" && live.error.code === dry.error.code
      ? []
      : [`it answered ${dry._tag}, the live call ${live._tag}`]
  }
  if (field(dry.data, "quota", "consumed_credits") !== 0) return ["it says that it costs something"]
  if (done === null) return []
  const planned = field(dry.data, "cost", "credit_pricing", "credits_required")
  const most = field(dry.data, "cost", "credit_pricing", "max_credits")
  const spent = field(done, "quota", "consumed_credits")
  const says = `${textOf(spent)} were debited, and ${textOf(planned ?? most)} announced`
  if (planned !== null) return planned === spent ? [] : [says]
  return typeof spent === "number" && typeof most === "number" && spent <= most ? [] : [says]
}

/** What clients are told. */
export const answerLaws: ReadonlyArray<Law> = [
  {
    name: "one key is one job",
    broken: (facts) =>
      byKey(facts).flatMap(([name, calls]) => {
        const ids = new Set(calls.map((call) => jobIdOf(call.answer)).filter((id) => id !== undefined))
        return ids.size > 1 ? [`${name} has ${[...ids].join(" and ")}`] : []
      })
  },
  {
    name: "an answer that has ended is the same for ever",
    broken: (facts) =>
      byKey(facts).flatMap(([name, calls]) => {
        const answers = calls.flatMap((call) => {
          const data = completed(call.answer)
          return data === null ? [] : [frozen(data)]
        })
        return new Set(answers).size > 1 ? [`${name}: ${[...new Set(answers)].join("\n and ")}`] : []
      })
  },
  {
    name: "an answer says what is in the books",
    broken: ({ calls, jobs }) => {
      const known = new Map(jobs.map((work): readonly [string, typeof work] => [work.job.id, work]))
      return calls.flatMap(({ answer, delivery }) => {
        const id = jobIdOf(answer)
        if (id === undefined || delivery.dryRun) return []
        const work = known.get(id)
        if (work === undefined) return [`${id} was answered and is not there`]
        const settled = work.attempts.reduce((sum, attempt) => sum + (attempt.settled ?? 0), 0)
        const data = completed(answer)
        if (data !== null && field(data, "quota", "consumed_credits") !== settled) {
          return [`${id} cost ${settled}, and ${textOf(field(data, "quota", "consumed_credits"))} was answered`]
        }
        return data !== null && work.job.status !== "completed" ? [`${id} is ${work.job.status}, not completed`] : []
      })
    }
  },
  {
    name: "a failure that names no job has left none",
    broken: ({ calls, jobs }) =>
      calls.flatMap((call) => {
        const key = call.delivery.idempotencyKey
        if (call.answer._tag !== "Failure" || key === null || jobIdOf(call.answer) !== undefined) return []
        if (call.answer.error.code !== "STORAGE_UNAVAILABLE" || call.mayHaveLostCommit()) return []
        const others = calls.filter((other) => other.delivery.idempotencyKey === key).length
        return others === 1 && jobs.some(({ job }) => job.idempotencyKey === key)
          ? [`${key} was told that nothing was done, and has a job`]
          : []
      })
  },
  {
    name: "every refusal has a code of the table, and no call breaks",
    broken: ({ calls }) =>
      calls.flatMap(({ answer }) =>
        answer._tag === "Defect"
          ? [answer.text]
          : answer._tag === "Failure" && !Object.hasOwn(errorTable, answer.error.code)
            ? [answer.error.code]
            : answer._tag === "Failure" && answer.error.code === "INTERNAL"
              ? [answer.error.message]
              : []
      )
  },
  {
    name: "a dry run changes nothing, and says what the live call costs",
    broken: (facts) => facts.rehearsals.flatMap(rehearsed)
  }
]
