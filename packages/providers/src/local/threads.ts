import { existsSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { Worker } from "node:worker_threads"

// Without Effect: a thread is begun before the rest of a create is loaded.

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

/** Begins a thread for a drawing that is likely to be asked for soon. One for nothing costs 100 ms of another core. */
export const warmUp = (): void => {
  if (idle.length === 0) keepWarm(startWorker())
}
