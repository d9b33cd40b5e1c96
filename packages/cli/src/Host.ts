/** One of the two places where a run may write. */
export interface Sink {
  readonly isTerminal: boolean
  /** Characters in a line of the terminal; 80 where unknown. */
  readonly columns: number
  /** Resolves when the text has left the process, or cannot any more because the reader is gone. */
  readonly write: (text: string) => Promise<void>
}

/** The server app in this process: a request in, a response out. Closing it waits for the jobs that it runs. */
export interface Embedded {
  readonly fetch: (request: Request) => Promise<Response>
  readonly close: () => Promise<void>
}

export type OpenEmbedded = (options: {
  readonly dataDirectory: string
  readonly environment: Readonly<Record<string, string | undefined>>
}) => Promise<Embedded>

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
}
