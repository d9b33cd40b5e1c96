import { rooms } from "./importRules.ts"
import { packageOf, type SourceFile, type Violation } from "./SourceFile.ts"

const linesMax = 400
const isGenerated = (path: string) => path.endsWith(".generated.ts")

export const fileLength = ({ path, source }: SourceFile): ReadonlyArray<Violation> => {
  const lines = source.trimEnd().split("\n").length
  if (lines <= linesMax || isGenerated(path)) return []
  return [{ path, line: linesMax + 1, message: `${lines} lines: past ${linesMax} a file is usually two things` }]
}

/** Names that say nothing, for files and folders alike. */
const emptyNames = /(^|\/)(utils?|helpers?|common|misc|shared|Services|Layers)(\.ts$|\/)/i

export const tellingNames = ({ path }: SourceFile): ReadonlyArray<Violation> => {
  const [name] = emptyNames.exec(path.replace(/^packages\/[^/]+\/src/, "")) ?? []
  return name === undefined ? [] : [{ path, line: 1, message: `${name} says nothing: name what it is about` }]
}

/** Core is its rooms and nothing beside them. */
export const knownRooms = ({ path }: SourceFile): ReadonlyArray<Violation> => {
  const room = /^packages\/core\/src\/([^/]+)\//.exec(path)?.[1]
  return room === undefined || rooms.includes(room) ? [] : [{ path, line: 1, message: `${room} is no room of core` }]
}

const providerOf = (path: string) => /^packages\/providers\/src\/([^/]+)\//.exec(path)?.[1]
const isProvider = (name: string | undefined): name is string =>
  name !== undefined && !["internal", "media", "unwired"].includes(name)

/** An index.ts only names what others may import. A provider's index.ts is the plugin itself. */
export const indexReexports = ({ path, program, lineOf }: SourceFile): ReadonlyArray<Violation> => {
  if (!path.endsWith("/index.ts") || (isProvider(providerOf(path)) && path.split("/").length === 5)) return []
  return program.body
    .filter((statement) => statement.type !== "ExportAllDeclaration")
    .filter((statement) => statement.type !== "ExportNamedDeclaration" || statement.declaration !== null)
    .map((statement) => ({ path, line: lineOf(statement), message: "index.ts re-exports, and nothing else" }))
}

/** A provider is always the same four things, and has tests. `paths` are all files of the repository. */
export const completeProviders = (paths: ReadonlyArray<string>): ReadonlyArray<Violation> => {
  const names = new Set(paths.map(providerOf).filter(isProvider))
  return [...names].flatMap((name) => {
    const folder = `packages/providers/src/${name}`
    const has = (start: string) => paths.some((path) => path.startsWith(start))
    const parts = [
      { part: "index.ts", found: has(`${folder}/index.ts`) },
      { part: "models.ts or models/", found: has(`${folder}/models.ts`) || has(`${folder}/models/`) },
      { part: "wire.ts", found: has(`${folder}/wire.ts`) },
      { part: "adapter.ts", found: has(`${folder}/adapter.ts`) },
      { part: `test/${name}/`, found: has(`packages/providers/test/${name}/`) }
    ]
    return parts
      .filter(({ found }) => !found)
      .map(({ part }) => ({ path: folder, line: 1, message: `a provider has ${part}` }))
  })
}

/** Every package that holds code is one of the four. */
export const knownPackages = ({ path }: SourceFile): ReadonlyArray<Violation> => {
  const known = ["core", "providers", "server", "cli"].includes(packageOf(path) ?? "")
  return known ? [] : [{ path, line: 1, message: "code lives in core, providers, server or cli" }]
}
