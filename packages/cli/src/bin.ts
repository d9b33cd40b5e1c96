import { fstatSync, writeSync } from "node:fs"
import { createRequire } from "node:module"
import { homedir, tmpdir, userInfo } from "node:os"
import { crash, describeDefect } from "./Crash.ts"
import { dispatch } from "./Dispatch.ts"
import type { Host, Sink } from "./Host.ts"

/** A reader that went away (`image-skill help | head -1`) is no failure: what is left unsaid has nobody to hear it. */
const streamSink = (stream: NodeJS.WriteStream) => {
  stream.on("error", () => {})
  return {
    isTerminal: stream.isTTY,
    columns: stream.columns ?? 80,
    write: (text: string | Uint8Array): Promise<void> =>
      new Promise((resolve) => {
        if (stream.destroyed) resolve()
        else stream.write(text, () => resolve())
      })
  }
}

/** A file, a pipe or a socket, as seen on POSIX: surely no terminal, and written to in one go, as Node's stream would. */
const isPlain = (descriptor: number): boolean => {
  if (process.platform === "win32") return false
  const kind = fstatSync(descriptor)
  return kind.isFIFO() || kind.isSocket() || kind.isFile()
}

/** The same for what is no terminal, without Node's streams: they are a tenth of the time of a trivial command. */
const plainSink = (descriptor: number, streamOf: () => NodeJS.WriteStream): Sink => {
  let busy: ReturnType<typeof streamSink> | undefined
  return {
    isTerminal: false,
    columns: 80,
    write: async (text) => {
      if (busy !== undefined) return busy.write(text)
      let rest = Buffer.from(text)
      try {
        while (rest.byteLength > 0) rest = rest.subarray(writeSync(descriptor, rest))
      } catch (error) {
        // The reader takes no more for now, and somebody made that no reason to wait: the stream knows how.
        if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) return
        busy = streamSink(streamOf())
        await busy.write(rest)
      }
    }
  }
}

const sink = (descriptor: number, streamOf: () => NodeJS.WriteStream): Sink =>
  orElse(() => isPlain(descriptor), false) ? plainSink(descriptor, streamOf) : streamSink(streamOf())

const readStdin = async (bytesMax: number): Promise<Uint8Array> => {
  const chunks: Array<Uint8Array> = []
  let bytes = 0
  for await (const chunk of process.stdin) {
    const part: unknown = chunk
    if (!(part instanceof Uint8Array)) continue
    bytes += part.byteLength
    if (bytes > bytesMax) throw new Error(`stdin holds more than ${bytesMax} bytes`)
    chunks.push(part)
  }
  return Buffer.concat(chunks)
}

const versionOf = (manifest: unknown): string =>
  typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "unknown"

/** What the system may refuse to say: a deleted working folder, a user without a home. */
const orElse = <A>(ask: () => A, fallback: A): A => {
  try {
    return ask()
  } catch {
    return fallback
  }
}

/** An empty HOME is no home: the user database knows better. */
const home = () => (process.env.HOME === "" ? userInfo().homedir : homedir())

const isRunning = (processId: number): boolean => {
  try {
    return process.kill(processId, 0)
  } catch (error) {
    // It is there, and another user's.
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}

const openers: Readonly<Record<string, ReadonlyArray<string>>> = {
  darwin: ["open"],
  // The empty word is the window's title: without it, start takes a quoted path for one.
  win32: ["cmd", "/c", "start", ""]
}

const openFile = async (path: string): Promise<boolean> => {
  const { spawn } = await import("node:child_process")
  const [opener = "xdg-open", ...words] = openers[process.platform] ?? []
  return new Promise((resolve) => {
    const child = spawn(opener, [...words, path], { detached: true, stdio: "ignore" })
    child.on("error", () => resolve(false))
    child.on("spawn", () => {
      child.unref()
      resolve(true)
    })
  })
}

/** The first Ctrl-C asks the run to end, the second one ends it. */
const interruption = (): AbortSignal => {
  const controller = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130)
      controller.abort()
    })
  }
  return controller.signal
}

const stdout = sink(1, () => process.stdout)
const stderr = sink(2, () => process.stderr)

const host: Host = {
  argv: process.argv.slice(2),
  environment: process.env,
  workingDirectory: orElse(() => process.cwd(), process.env.PWD ?? "/"),
  homeDirectory: orElse(home, "/"),
  version: versionOf(createRequire(import.meta.url)("../package.json")),
  nodeVersion: process.versions.node,
  stdout,
  stderr,
  readStdin,
  interruption: interruption(),
  openEmbedded: async (options) => (await import("@image-skill/server/Embedded")).openEmbedded(options),
  // What goes wrong here goes wrong again when the picture is drawn, and is told then.
  prepareDrawing: (typed) =>
    import("@image-skill/providers/local/threads").then(({ begin }) => begin(typed)).catch(() => {}),
  processId: process.pid,
  isRunning,
  temporaryDirectory: tmpdir(),
  openFile,
  loadServer: async () => (await import("@image-skill/server/serve/Serve")).serveHouse
}

/** What no promise of ours carries: the answer may be out already, so this only adds words to stderr. */
let isAnswered = false
const onDefect = (defect: unknown) => {
  const answer = crash("")
  const text = describeDefect(defect, process.env)
  const document = isAnswered ? Promise.resolve() : stdout.write(`${JSON.stringify(answer.envelope)}\n`)
  void Promise.all([document, stderr.write(text)]).then(() => process.exit(answer.exitCode))
}
process.on("uncaughtException", onDefect)
process.on("unhandledRejection", onDefect)

// Not awaited at the top level: the chunks that a command loads import this file, and would wait for it for ever.
void dispatch({
  ...host,
  stdout: {
    ...stdout,
    write: (text) => {
      isAnswered = true
      return stdout.write(text)
    }
  }
}).then((exitCode) => process.exit(exitCode))
