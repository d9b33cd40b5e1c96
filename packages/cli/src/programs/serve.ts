import { Effect, Exit, Scope } from "effect"
import { serveHost, servePort } from "../commands/serve.ts"
import { success } from "../Envelope.ts"
import { valueOf } from "../Flags.ts"
import type { Serving } from "../Host.ts"
import type { Program } from "../Session.ts"

const until = (signal: AbortSignal): Effect.Effect<void> =>
  Effect.async((resume) => {
    if (signal.aborted) return resume(Effect.void)
    signal.addEventListener("abort", () => resume(Effect.void), { once: true })
  })

/** How an agent gets in; where signup is closed, also how the operator makes the code that it needs. */
const signupOf = ({ needsInvite, url }: Serving) => {
  const signup = `image-skill signup --agent --agent-name my-agent --save --api-base-url ${url}`
  if (!needsInvite) return { signup_command: `${signup} --json` }
  return {
    signup_command: `${signup} --invite-code INVITE_CODE --json`,
    missing_inputs: ["INVITE_CODE"],
    invite_command: `image-skill admin invites create --uses 1 --api-base-url ${url} --json`
  }
}

/** Answers once the server listens; the process stays until it is told to stop, and the server has ended politely. */
export const serve: Program = (session) =>
  Effect.gen(function* () {
    const { host, settings } = session
    const [address, port] = [valueOf(session.given, serveHost), valueOf(session.given, servePort)]
    yield* session.report("starting the server")
    const serveHouse = yield* Effect.promise(host.loadServer)
    const { commandLineOf } = yield* Effect.promise(() => import("../CommandLine.ts"))
    const scope = yield* Scope.make()
    const { dataDirectory } = settings
    const options = {
      host: address,
      port,
      dataDirectory,
      environment: host.environment,
      commandLine: commandLineOf(host)
    }
    const serving = yield* serveHouse(options).pipe(
      Scope.extend(scope),
      Effect.onExit((exit) => (Exit.isSuccess(exit) ? Effect.void : Scope.close(scope, exit)))
    )
    yield* Effect.forEach(serving.warnings, (warning) => session.warn(warning), { discard: true })
    if (settings.baseUrl !== null)
      yield* session.warn("The server URL that is set is not used: this is a server itself")
    yield* session.afterAnswer(Effect.zipRight(until(host.interruption), Scope.close(scope, Exit.void)))
    return success(session.name, {
      url: serving.url,
      address: serving.address,
      port: serving.port,
      pid: host.processId,
      data_dir: settings.dataDirectory,
      loopback: serving.isLoopback,
      ...signupOf(serving)
    })
  })
