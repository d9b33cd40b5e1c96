/** The picture itself, in terminals that can show one: by kitty's graphics protocol or iTerm2's inline images. */
import { readFile } from "node:fs/promises"
import { isObject, type Json } from "@image-skill/core/kernel/JsonValue"
import { Effect } from "effect"
import type { Answer } from "../Envelope.ts"
import type { Host } from "../Host.ts"
import type { Session } from "../Session.ts"
import { assetsIn } from "./delivery.ts"
import { objectsIn, textIn } from "./fields.ts"
import { absolute } from "./files.ts"

type Protocol = "kitty" | "iterm2"

/** Null where nothing says that the terminal can: an unknown one would print the picture as text. */
export const protocolOf = (environment: Host["environment"]): Protocol | null => {
  const { TERM: term = "", TERM_PROGRAM: program = "" } = environment
  const isOff = environment.IMAGE_SKILL_PREVIEW === "off"
  // What runs inside of these sees a screen of theirs, which keeps no pictures.
  const isInside = (environment.TMUX ?? "") !== "" || /^(screen|tmux)/.test(term)
  if (isOff || isInside) return null
  if ((environment.KITTY_WINDOW_ID ?? "") !== "" || /kitty|ghostty/.test(term) || program === "ghostty") return "kitty"
  return program === "iTerm.app" || program === "WezTerm" || environment.LC_TERMINAL === "iTerm2" ? "iterm2" : null
}

const rowsMax = 16
const columnsMax = 40
/** A cell of a terminal is about twice as high as wide. */
const cellRatio = 2

const kittyChunkCharacters = 4096

/** Kitty takes PNG only. `q=2`: it must not answer on stdin. */
const kitty = (bytes: Buffer, { columns, isWide }: Fit): string => {
  const text = bytes.toString("base64")
  const parts = text.match(new RegExp(`.{1,${kittyChunkCharacters}}`, "g")) ?? []
  const head = `a=T,f=100,q=2,${isWide ? `c=${columns}` : `r=${rowsMax}`},`
  const drawn = parts.map(
    (part, index) => `\u001b_G${index === 0 ? head : ""}m=${index === parts.length - 1 ? 0 : 1};${part}\u001b\\`
  )
  return `${drawn.join("")}\n`
}

const iterm2 = (bytes: Buffer, { columns, isWide }: Fit): string =>
  `\u001b]1337;File=inline=1;size=${bytes.length};${isWide ? `width=${columns}` : `height=${rowsMax}`};preserveAspectRatio=1:${bytes.toString("base64")}\u0007\n`

interface Fit {
  readonly columns: number
  /** The width is what limits it. */
  readonly isWide: boolean
}

const fit = (width: number, height: number, terminalColumns: number): Fit => {
  // A terminal that does not say how wide it is says 0.
  const columns = terminalColumns < 2 ? columnsMax : Math.min(columnsMax, terminalColumns - 1)
  return { columns, isWide: height * columns <= width * rowsMax * cellRatio }
}

interface Picture {
  readonly assetId: string
  readonly url: string
  readonly mediaType: string
  readonly width: number
  readonly height: number
  /** Where this run has written it; null when it has not. */
  readonly path: string | null
}

/** More than a preview is worth waiting for. */
const previewBytesMax = 8 * 1024 * 1024
const picturesMax = 4

const numberOf = (value: Json | undefined) => (typeof value === "number" ? value : 0)

const picturesOf = ({ envelope: { data } }: Answer): ReadonlyArray<Picture> => {
  const rows = [...objectsIn(data, "assets"), ...(isObject(data?.asset) ? [data.asset] : [])]
  const files = objectsIn(data, "output_files")
  return rows.slice(0, picturesMax).flatMap((row) => {
    const [asset] = assetsIn([row])
    const length = numberOf(row.content_length)
    if (asset === undefined || length > previewBytesMax) return []
    const file = files.find((one) => one.asset_id === asset.asset_id)
    const picture: Picture = {
      assetId: asset.asset_id,
      url: asset.url,
      mediaType: asset.mime_type,
      width: numberOf(row.width),
      height: numberOf(row.height),
      path: file === undefined ? null : textIn(file, "path")
    }
    return [picture]
  })
}

const bytesOf = (session: Session, { path, url }: Picture) =>
  path === null
    ? Effect.flatMap(session.client.download(url), ({ chunks }) => Effect.tryPromise(() => collected(chunks)))
    : Effect.tryPromise(() => readFile(absolute(session.host.workingDirectory, path)))

const collected = async (chunks: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const parts: Array<Uint8Array> = []
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.byteLength
    if (bytes > previewBytesMax) throw new Error("too large for a preview")
    parts.push(chunk)
  }
  return Buffer.concat(parts)
}

const previewing: ReadonlySet<string> = new Set(["create", "edit", "assets show", "assets get"])

/** The text that draws an answer's pictures; empty where there is nothing to show, or nothing that could show it. */
export const previewOf = (session: Session, answer: Answer): Effect.Effect<string> => {
  const protocol = protocolOf(session.host.environment)
  if (protocol === null || !answer.envelope.ok || !previewing.has(session.name)) return Effect.succeed("")
  const draw = protocol === "kitty" ? kitty : iterm2
  const pictures = picturesOf(answer).filter(({ mediaType }) => protocol === "iterm2" || mediaType === "image/png")
  return Effect.forEach(pictures, (picture) =>
    bytesOf(session, picture).pipe(
      Effect.timeout("5 seconds"),
      Effect.map((bytes) => draw(bytes, fit(picture.width, picture.height, session.host.stdout.columns))),
      // A picture that does not come is missed by nobody: the answer says where it is.
      Effect.orElseSucceed(() => "")
    )
  ).pipe(Effect.map((drawn) => drawn.join("")))
}
