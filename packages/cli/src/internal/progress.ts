import { Clock, Effect, Ref } from "effect"
import type { Host } from "../Host.ts"
import type { Style } from "../Output.ts"

interface Progress {
  /** What is being done from now on. */
  readonly report: (activity: string) => Effect.Effect<void>
  /** Draws until it is interrupted, and then leaves the line empty. */
  readonly tick: Effect.Effect<void>
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]

const clearLine = "\r\u001b[K"

/** One line on stderr with the time that has passed, for a person at a terminal; for machines it does nothing. */
export const makeProgress = (host: Host, style: Style): Progress => {
  if (style === "json" || !host.stderr.isTerminal) return { report: () => Effect.void, tick: Effect.void }
  const current = Ref.unsafeMake<{ readonly activity: string; readonly since: number } | null>(null)
  const write = (text: string) => Effect.promise(() => host.stderr.write(text))
  const draw = (frame: number) =>
    Effect.gen(function* () {
      const doing = yield* Ref.get(current)
      if (doing === null) return
      const seconds = (((yield* Clock.currentTimeMillis) - doing.since) / 1000).toFixed(1)
      const line = `${frames[frame % frames.length] ?? ""} ${doing.activity}  ${seconds} s`
      yield* write(`${clearLine}${line.slice(0, Math.max(10, host.stderr.columns - 1))}`)
    })
  return {
    report: (activity) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) =>
        Ref.update(current, (doing) => ({ activity, since: doing?.since ?? now }))
      ),
    tick: Effect.iterate(0, {
      while: () => true,
      body: (frame) => draw(frame).pipe(Effect.zipRight(Effect.sleep("120 millis")), Effect.as(frame + 1))
    }).pipe(
      Effect.asVoid,
      Effect.ensuring(Effect.flatMap(Ref.get(current), (doing) => (doing === null ? Effect.void : write(clearLine))))
    )
  }
}
