import { createRequire } from "node:module"
import { Worker } from "node:worker_threads"
import { Data, Effect } from "effect"
import type { RenderedImage, RenderRequest, WorkerReply } from "./worker.ts"

/**
 * `failed`: the drawing or its encoding raised an error. `outOfMemory`: the thread passed its heap limit. `crashed`: the
 * thread ended without an answer, or could not be started. No picture was made in any case, and trying again is safe.
 */
export class WorkerFailure extends Data.TaggedError("WorkerFailure")<{
  readonly reason: "failed" | "outOfMemory" | "crashed"
  readonly message: string
}> {}

/** Threads at work at the same time; further requests wait their turn. */
export const workersMost = 2

/** How long a thread without work is kept warm. */
const idleMillis = 20_000

// Pixels live outside the heap that this limits; it bounds the fields, outlines and tables of a drawing.
const resourceLimits = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64 }

interface IdleWorker {
  readonly worker: Worker
  /** Stops listening for the death of the thread while it was idle. */
  readonly release: () => void
}

const idle: Array<IdleWorker> = []
const slots = Effect.unsafeMakeSemaphore(workersMost)

// Resolved as a package, not as a neighbour file: the compiled worker is found from the sources and from a bundle alike.
// Under the `source` condition, as in our tests, the package names its source, which a thread cannot run.
const workerFile = () =>
  createRequire(import.meta.url)
    .resolve("@image-skill/providers/local/worker")
    .replace(/src(.local.worker)\.ts$/, "dist$1.js")

const startWorker = (): Worker => {
  const worker = new Worker(workerFile(), { resourceLimits, env: {}, execArgv: [] })
  worker.unref()
  return worker
}

const takeWorker = (): Worker => {
  const warm = idle.pop()
  if (warm === undefined) return startWorker()
  warm.release()
  return warm.worker
}

/** Keeps a thread for the next request, in a way that does not keep the process alive. */
const keepWarm = (worker: Worker): void => {
  worker.unref()
  const drop = (): void => {
    const place = idle.findIndex((entry) => entry.worker === worker)
    if (place >= 0) idle.splice(place, 1)
    release()
  }
  const timer = setTimeout(() => {
    drop()
    void worker.terminate()
  }, idleMillis)
  timer.unref()
  const release = (): void => {
    clearTimeout(timer)
    worker.off("error", drop)
    worker.off("exit", drop)
  }
  // An idle thread that dies must neither raise nor be handed out.
  worker.on("error", drop)
  worker.on("exit", drop)
  idle.push({ worker, release })
}

const failureOf = (error: unknown): WorkerFailure => {
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && "code" in error ? error.code : undefined
  return new WorkerFailure({ reason: code === "ERR_WORKER_OUT_OF_MEMORY" ? "outOfMemory" : "crashed", message })
}

const runOnWorker = (request: RenderRequest): Effect.Effect<RenderedImage, WorkerFailure> =>
  Effect.async<RenderedImage, WorkerFailure>((resume) => {
    const worker = takeWorker()
    const onMessage = (reply: WorkerReply): void => {
      release()
      keepWarm(worker)
      resume(
        reply.done
          ? Effect.succeed(reply.image)
          : Effect.fail(new WorkerFailure({ reason: "failed", message: reply.message }))
      )
    }
    const onError = (error: unknown): void => {
      release()
      resume(Effect.fail(failureOf(error)))
    }
    const onExit = (code: number): void => {
      release()
      resume(
        Effect.fail(new WorkerFailure({ reason: "crashed", message: `the drawing thread ended with code ${code}` }))
      )
    }
    const release = (): void => {
      worker.off("message", onMessage)
      worker.off("error", onError)
      worker.off("exit", onExit)
    }
    worker.on("message", onMessage)
    worker.on("error", onError)
    worker.on("exit", onExit)
    worker.ref()
    worker.postMessage(request)
    return Effect.promise(() => {
      release()
      return worker.terminate()
    })
  })

/**
 * Draws and encodes in a thread of its own, so that this one goes on serving. At most two at a time. Interrupting ends
 * the thread at once; the next request starts a new one (about 150 ms).
 */
export const renderInWorker = (request: RenderRequest): Effect.Effect<RenderedImage, WorkerFailure> =>
  slots
    .withPermits(1)(runOnWorker(request))
    .pipe(Effect.catchAllDefect((defect) => Effect.fail(failureOf(defect))))
