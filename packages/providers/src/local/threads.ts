import { existsSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { Worker } from "node:worker_threads"
import { likelyRequest, type TypedDrawing } from "./likely.ts"
import type { RenderRequest, WorkerReply } from "./worker.ts"

// Without Effect: a thread is begun before the rest of a create is loaded.

/** How long a thread without work is kept warm. */
const idleMillis = 20_000

// Pixels live outside the heap that this limits; it bounds the fields, outlines and tables of a drawing.
const resourceLimits = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64 }

/** What is heard of a thread: its replies, and its end, which `error` tells before `exit` does. */
interface Ears {
  readonly message?: (reply: WorkerReply) => void
  readonly error: (error: unknown) => void
  readonly exit: (code: number) => void
}

/** Listens to a thread until what it gives back is called. */
export const listen = (worker: Worker, { error, exit, message = () => undefined }: Ears): (() => void) => {
  worker.on("message", message)
  worker.on("error", error)
  worker.on("exit", exit)
  return () => {
    worker.off("message", message)
    worker.off("error", error)
    worker.off("exit", exit)
  }
}

interface IdleWorker {
  readonly worker: Worker
  /** Stops listening for the death of the thread while it was idle. */
  readonly release: () => void
}

const idle: Array<IdleWorker> = []

// In a bundle the thread's file lies beside it as one file: that starts in half the time of its forty modules. Otherwise
// it is resolved as a package, not as a neighbour, so that the compiled worker is found from the sources too: under the
// `source` condition, as in our tests, the package names its source, which a thread cannot run.
const workerFile = () => {
  const bundled = join(dirname(fileURLToPath(import.meta.url)), "drawing-thread.cjs")
  if (existsSync(bundled)) return bundled
  return createRequire(import.meta.url)
    .resolve("@image-skill/providers/local/worker")
    .replace(/src(.local.worker)\.ts$/, "dist$1.js")
}

const startWorker = (): Worker => {
  const worker = new Worker(workerFile(), { resourceLimits, env: {}, execArgv: [] })
  worker.unref()
  return worker
}

/** A warm thread where there is one, else a new one (about 150 ms). It does not keep the process alive. */
export const takeWorker = (): Worker => {
  const warm = idle.pop()
  if (warm === undefined) return startWorker()
  warm.release()
  return warm.worker
}

/** Keeps a thread for the next request, in a way that does not keep the process alive. */
export const keepWarm = (worker: Worker): void => {
  worker.unref()
  const drop = (): void => {
    const place = idle.findIndex((entry) => entry.worker === worker)
    if (place >= 0) idle.splice(place, 1)
    release()
  }
  // An idle thread that dies must neither raise nor be handed out.
  const deafen = listen(worker, { error: drop, exit: drop })
  const timer = setTimeout(() => {
    drop()
    void worker.terminate()
  }, idleMillis)
  timer.unref()
  const release = (): void => {
    clearTimeout(timer)
    deafen()
  }
  idle.push({ worker, release })
}

interface Ahead {
  readonly worker: Worker
  readonly asked: string
  readonly replies: ReadonlyArray<WorkerReply>
  readonly release: () => void
}

let ahead: Ahead | undefined

/** Equal for equal requests, in whatever order their fields stand. */
const nameOf = (request: RenderRequest): string =>
  JSON.stringify(Object.entries(request).sort(([one], [other]) => (one < other ? -1 : 1)))

/**
 * Begins a drawing that is likely to be asked for, on a thread that does not keep the process alive. It costs nothing and
 * touches nothing: who gets it must have done before whatever comes before a drawing.
 */
export const drawAhead = (request: RenderRequest): void => {
  if (ahead !== undefined) return
  const worker = startWorker()
  const replies: Array<WorkerReply> = []
  // The call that asks for the drawing begins a thread of its own then, and tells what goes wrong there.
  const drop = (): void => {
    if (ahead?.worker === worker) ahead = undefined
    release()
  }
  const release = listen(worker, { message: (reply) => void replies.push(reply), error: drop, exit: drop })
  worker.postMessage(request)
  worker.unref()
  ahead = { worker, asked: nameOf(request), replies, release }
}

/** The thread that was begun with this very request, with its reply where it has one. One begun with another is ended. */
export const takeAhead = (
  request: RenderRequest
): { readonly worker: Worker; readonly reply: WorkerReply | null } | null => {
  if (ahead === undefined) return null
  const { asked, release, replies, worker } = ahead
  ahead = undefined
  release()
  if (asked === nameOf(request)) return { worker, reply: replies[0] ?? null }
  void worker.terminate()
  return null
}

/** Begins what was typed where that says all of a drawing, and else a thread for it. */
export const begin = (typed: TypedDrawing | null): void => {
  const request = typed === null ? null : likelyRequest(typed)
  if (request === null) warmUp()
  else drawAhead(request)
}

/** Begins a thread for a drawing that is likely to be asked for soon. One for nothing costs 100 ms of another core. */
export const warmUp = (): void => {
  if (idle.length === 0) keepWarm(startWorker())
}
