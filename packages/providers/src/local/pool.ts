import { Data, Effect } from "effect"
import { keepWarm, listen, takeAhead, takeWorker } from "./threads.ts"
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

const slots = Effect.unsafeMakeSemaphore(workersMost)

const failureOf = (error: unknown): WorkerFailure => {
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && "code" in error ? error.code : undefined
  return new WorkerFailure({ reason: code === "ERR_WORKER_OUT_OF_MEMORY" ? "outOfMemory" : "crashed", message })
}

const runOnWorker = (request: RenderRequest): Effect.Effect<RenderedImage, WorkerFailure> =>
  Effect.async<RenderedImage, WorkerFailure>((resume) => {
    const begun = takeAhead(request)
    const worker = begun?.worker ?? takeWorker()
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
    const release = listen(worker, { message: onMessage, error: onError, exit: onExit })
    worker.ref()
    if (begun === null) worker.postMessage(request)
    else if (begun.reply !== null) onMessage(begun.reply)
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
