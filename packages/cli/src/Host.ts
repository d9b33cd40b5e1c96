import type { Failure } from "@image-skill/core/kernel/Errors"
import type { TypedDrawing } from "@image-skill/providers/local/likely"
import type { CommandLine } from "@image-skill/server/pages/CommandLine"
import type { Effect, Scope } from "effect"

/** One of the two places where a run may write. */
export interface Sink {
  readonly isTerminal: boolean
  /** Characters in a line of the terminal; 80 where unknown. */
  readonly columns: number
  /** Resolves when the text has left the process, or cannot any more because the reader is gone. */
  readonly write: (text: string) => Promise<void>
}

export interface Exchange {
  readonly method: "GET" | "POST" | "DELETE"
  /** Its origin is a name only. */
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  readonly signal: AbortSignal
}

/** The server app in this process: a request in, a response out. Closing it waits for the jobs that it runs. */
export interface Embedded {
  readonly exchange: (request: Exchange) => Promise<{
    readonly status: number
    /** By lower-case name. */
    readonly headers: Readonly<Record<string, string | undefined>>
    readonly body: AsyncIterable<Uint8Array>
  }>
  readonly close: () => Promise<void>
}

export type OpenEmbedded = (options: {
  readonly dataDirectory: string
  readonly environment: Readonly<Record<string, string | undefined>>
}) => Promise<Embedded>

/** A server that listens. */
export interface Serving {
  readonly url: string
  readonly address: string
  readonly port: number
  /** Only this machine can reach it. */
  readonly isLoopback: boolean
  /** Signup takes an invite code, which the operator makes. */
  readonly needsInvite: boolean
  /** Settings that are likely wrong, each with what mends it. */
  readonly warnings: ReadonlyArray<string>
}

/** Opens the server; it listens until the scope ends, and ends politely. */
export type ServeHouse = (options: {
  readonly host: string
  readonly port: number
  readonly dataDirectory: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** What of the command line the server runs for its callers. */
  readonly commandLine: CommandLine
}) => Effect.Effect<Serving, Failure, Scope.Scope>

/** All that a run knows of its process. Only bin.ts makes one from the real thing. */
export interface Host {
  /** The words after the program's name. */
  readonly argv: ReadonlyArray<string>
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly workingDirectory: string
  readonly homeDirectory: string
  readonly version: string
  readonly nodeVersion: string
  readonly stdout: Sink
  readonly stderr: Sink
  /** All of stdin; fails when there is more than the limit. */
  readonly readStdin: (bytesMax: number) => Promise<Uint8Array>
  /** Aborted by the first Ctrl-C. */
  readonly interruption: AbortSignal
  readonly openEmbedded: OpenEmbedded
  /**
   * Begins to load what draws, while the rest of a create is loaded; begins the drawing itself where what was typed tells
   * all of it. Resolves when it is begun. Missing where nothing is drawn in this process.
   */
  readonly prepareDrawing?: (typed: TypedDrawing | null) => Promise<void>
  readonly processId: number
  /** Whether a process of that id is there; another one may have got the id since. */
  readonly isRunning: (processId: number) => boolean
  /** Where files may be put that nobody misses. */
  readonly temporaryDirectory: string
  /** Hands a file to the viewer of this machine; false where there is none. */
  readonly openFile: (path: string) => Promise<boolean>
  readonly loadServer: () => Promise<ServeHouse>
}
