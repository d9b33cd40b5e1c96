import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Programs } from "./bundle.ts"
import { gather } from "./evidence.ts"
import { type Ending, runVictim } from "./processes.ts"

const problemOf = (ending: Ending): ReadonlyArray<string> => {
  const [answer] = ending.answers
  if (ending.code === 0 && answer?.exit === 0 && answer.envelope.data?.["status"] === "completed") return []
  return [`exit ${ending.code} ${ending.signal}, ${JSON.stringify(answer)}, ${ending.errors}`]
}

/** Starts processes at one time on an empty folder, each to draw one picture. Answers what went wrong. */
export const startTogether = async (programs: Programs, processes: number): Promise<ReadonlyArray<string>> => {
  const parent = await mkdtemp(join(tmpdir(), "image-skill-together-"))
  const dataDirectory = join(parent, "data")
  try {
    const endings = await Promise.all(
      Array.from({ length: processes }, (_, index) =>
        runVictim(programs.of("victim"), {
          plan: {
            dataDirectory,
            upstream: null,
            resume: true,
            killAt: null,
            isStepwise: false,
            calls: [
              {
                path: "/v1/create",
                key: `key ${index}`,
                body: {
                  prompt: "a hill",
                  model: "local.procedural",
                  model_parameters: { width: 64, height: 64, seed: index }
                }
              }
            ]
          }
        })
      )
    )
    const problems = endings.flatMap(problemOf)
    if (problems.length > 0) return problems
    const { assets, blobs, jobs, spooled } = gather(dataDirectory)
    const kept = assets.filter((asset) => blobs.get(asset.id) === asset.sha256).length
    const isWhole = jobs.length === processes && kept === processes && blobs.size === processes && spooled.length === 0
    return isWhole
      ? []
      : [`${jobs.length} jobs, ${kept} whole assets, ${blobs.size} blobs, ${spooled.length} replies left`]
  } finally {
    await rm(parent, { recursive: true, force: true })
  }
}
