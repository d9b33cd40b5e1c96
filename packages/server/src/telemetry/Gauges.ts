import { memoryUsage } from "node:process"
import { setLoad, setMemory } from "@image-skill/core/kernel/Metrics"
import { JobRunner } from "@image-skill/core/studio/JobRunner"
import { Effect } from "effect"

/** Looks at what has no history: open jobs, queues, memory. Cheap: nothing of it is on the disk. */
export class Gauges extends Effect.Service<Gauges>()("@image-skill/server/Gauges", {
  effect: Effect.map(JobRunner, (runner) => ({
    sample: Effect.gen(function* () {
      yield* setLoad(yield* runner.load)
      const { arrayBuffers, external, heapUsed, rss } = memoryUsage()
      yield* setMemory({ rss, heap_used: heapUsed, external, array_buffers: arrayBuffers })
    })
  }))
}) {}
