import { isTerminal } from "../jobs/Job.ts"
import { fakeModels } from "./FakeProviderModels.ts"
import type { Facts, Law } from "./LawsFacts.ts"
import { answerLaws } from "./LawsOfAnswers.ts"
import { moneyLaws } from "./LawsOfMoney.ts"
import { textOf } from "./SimulatorGround.ts"

export type { Facts, Law } from "./LawsFacts.ts"

const repeatable = new Set(fakeModels.filter((model) => model.repeatable).map((model): string => model.id))

const workLaws: ReadonlyArray<Law> = [
  {
    name: "every job comes to an end, and then keeps nothing of its work",
    broken: ({ jobs }) =>
      jobs.flatMap(({ job, attempts }) =>
        !isTerminal(job.status)
          ? [`${job.id} is ${job.status}: ${attempts.map((one) => one.phase).join(", ")}`]
          : job.work !== null || job.owner !== null
            ? [`${job.id} has ended and still has an owner or its work`]
            : []
      )
  },
  {
    name: "no attempt calls its provider twice, unless that costs nothing",
    broken: ({ records }) => {
      const paid = records.filter((record) => !repeatable.has(record.modelId))
      const seen = new Set<string>()
      return paid.flatMap(({ attemptId }) => {
        if (seen.has(attemptId)) return [`${attemptId} was submitted again`]
        seen.add(attemptId)
        return []
      })
    }
  },
  {
    name: "nothing goes to a provider without a row that says so",
    broken: ({ jobs, records }) => {
      const rows = new Set(jobs.flatMap((work) => work.attempts.map((attempt): string => attempt.id)))
      return records.filter((record) => !rows.has(record.attemptId)).map((record) => `${record.attemptId} has no row`)
    }
  },
  {
    name: "every asset has its bytes, and every delivered attempt its assets",
    broken: ({ assets, jobs }) => {
      const delivered = jobs.flatMap((work) => work.attempts).filter((attempt) => attempt.phase === "delivered")
      const promised = new Set(delivered.flatMap((attempt): ReadonlyArray<string> => attempt.assetIds))
      const there = new Set(assets.map(({ asset }): string => asset.id))
      return [
        ...assets.filter((kept) => !kept.isWhole).map(({ asset }) => `${asset.id} has no bytes, or others`),
        ...assets.filter(({ asset }) => !promised.has(asset.id)).map(({ asset }) => `${asset.id} was not delivered`),
        ...[...promised].filter((id) => !there.has(id)).map((id) => `${id} was delivered and is not listed`)
      ]
    }
  },
  {
    name: "a job is canceled only when that was asked for",
    broken: ({ jobs }) =>
      jobs.flatMap(({ job }) =>
        job.status === "canceled" && !job.cancelRequested ? [`${job.id} was canceled by nobody`] : []
      )
  },
  {
    name: "what could not be stored is given up only after its window",
    broken: ({ jobs }) =>
      jobs.flatMap(({ job, attempts }) =>
        attempts
          .filter((attempt) => attempt.phase === "abandoned" && (job.completedAt ?? 0) < (attempt.repairUntil ?? 0))
          .map((attempt) => `${attempt.id} was given up early`)
          .concat(
            attempts
              .filter((attempt) => attempt.phase === "abandoned" && (attempt.repairUntil ?? 0) < job.createdAt + hour)
              .map((attempt) => `${attempt.id} had no whole hour to be repaired`)
          )
      )
  },
  {
    name: "every job that ended is one event, and every image is one",
    broken: ({ events, jobs }) =>
      jobs.flatMap(({ job, attempts }) => {
        const of = (type: string) =>
          events.filter((event) => event.type === type && event.links.job_id === job.id).length
        const images = attempts.reduce((sum, one) => sum + (one.phase === "delivered" ? one.assetIds.length : 0), 0)
        const found = [of("job.completed"), of("asset.created"), of("usage.credit_consumed")]
        const due = [1, images, job.status === "completed" ? 1 : 0]
        return textOf(found) === textOf(due) ? [] : [`${job.id}: events ${textOf(found)} in place of ${textOf(due)}`]
      })
  },
  {
    name: "a good answer that arrived is never refused",
    broken: ({ jobs, records }) => {
      const phases = new Map(jobs.flatMap((work) => work.attempts.map((one) => [one.id, one.phase])))
      return records
        .filter((record) => !repeatable.has(record.modelId))
        .filter(({ act, images }) => images > 0 && act._tag === "Answer" && act.fetchFailures <= 4)
        .filter((record) => record.answers > 0 && !record.isCanceled && phases.get(record.attemptId) === "refused")
        .map((record) => `${record.attemptId} was`)
    }
  },
  {
    name: "the prompt is nowhere once the jobs have ended",
    broken: ({ calls, dump, seed }) => {
      const secret = `secret-prompt-${seed}-`
      const answers = textOf(calls.map((call) => call.answer))
      return [
        ...(dump.includes(secret) ? [`in a table or a log: …${around(dump, secret)}…`] : []),
        ...(answers.includes(secret) ? [`in an answer: …${around(answers, secret)}…`] : [])
      ]
    }
  }
]

const hour = 60 * 60 * 1_000

const around = (text: string, word: string) => {
  const at = text.indexOf(word)
  return text.slice(Math.max(0, at - 120), at + 60)
}

export const laws: ReadonlyArray<Law> = [...workLaws, ...moneyLaws, ...answerLaws]

/** Every law that these facts break, each in one line. */
export const brokenLaws = (facts: Facts): ReadonlyArray<string> =>
  laws.flatMap((law) => law.broken(facts).map((how) => `${law.name}: ${how}`))
