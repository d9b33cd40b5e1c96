import { type Import, packageOf, resolveRelative, type SourceFile, type Violation } from "./SourceFile.ts"

const packages = ["core", "providers", "server", "cli"]

/** Lower rooms first: a room imports only itself and what stands before it. `testing` may import all. */
export const rooms = [
  ...["kernel", "catalog", "pricing", "provider", "activity", "ledger", "identity", "assets"],
  ...["jobs", "studio", "feedback", "operator", "api", "sdk", "testing"]
]

/** Where an import of our own code leads, as a path in the repository; undefined for foreign packages. */
const targetOf = (file: SourceFile, { specifier }: Import): string | undefined => {
  if (specifier.startsWith(".")) return resolveRelative(file.path, specifier)
  if (specifier === "image-skill" || specifier.startsWith("image-skill/")) return "packages/cli/src/index"
  const own = /^@image-skill\/([^/]+)(?:\/(.+))?$/.exec(specifier)
  return own === null ? undefined : `packages/${own[1]}/src/${own[2] ?? "index"}`
}

/** A rule that looks at one import at a time; `judge` answers what is wrong with it. */
const perImport =
  (judge: (file: SourceFile, each: Import, target: string | undefined) => string | undefined) =>
  (file: SourceFile): ReadonlyArray<Violation> =>
    file.imports.flatMap((each) => {
      const message = judge(file, each, targetOf(file, each))
      return message === undefined ? [] : [{ path: file.path, line: each.line, message }]
    })

/** core <- providers <- server <- cli, and the CLI loads the server only when it hosts one. */
export const packageDirection = perImport((file, each, target) => {
  const from = packageOf(file.path) ?? ""
  const to = target === undefined ? undefined : packageOf(`${target}/`)
  if (to === undefined || to === from) return undefined
  if (packages.indexOf(to) > packages.indexOf(from)) return `${from} must not import ${to}`
  if (from === "cli" && to === "server" && !each.isDynamic && !each.isTypeOnly) {
    return "the CLI reaches server only through a lazy import()"
  }
  return undefined
})

const roomOf = (path: string): string | undefined => /^packages\/core\/src\/([^/]+)\//.exec(path)?.[1]

export const roomOrder = perImport((file, each, target) => {
  const from = roomOf(file.path)
  const to = target === undefined ? undefined : roomOf(target)
  if (from === undefined || to === undefined || from === "testing" || from === to) return undefined
  if (rooms.indexOf(from) >= rooms.indexOf(to)) return undefined
  return `${from} stands below ${to} and must not import it (${each.specifier})`
})

/** `internal/` is what a room or package keeps to itself: only files beside or under it may look inside. */
export const internalDoor = perImport((file, each, target) => {
  const at = target?.indexOf("/internal/") ?? -1
  if (target === undefined || at < 0 || file.path.startsWith(`${target.slice(0, at)}/`)) return undefined
  return `${each.specifier} is internal to ${target.slice(0, at)}`
})

/** Own files by their name with `.ts`, other packages by deep path: a barrel would load a whole package. */
export const importPath = perImport((file, each, target) => {
  const { specifier } = each
  if (specifier.startsWith(".")) {
    if (!/\.(ts|json)$/.test(specifier)) return `${specifier} must name its file with .ts`
    return packageOf(target ?? "") === packageOf(file.path) ? undefined : `${specifier} leaves the package`
  }
  if (/^@image-skill\/[^/]+$/.test(specifier)) return `import the module you need, not all of ${specifier}`
  const isOwn = target !== undefined && packageOf(target) === packageOf(file.path)
  return isOwn ? `${specifier} is this package: import the file` : undefined
})

const libraries = ["effect", "@effect/platform", "@effect/platform-node", "@effect/sql"]

/** `import { Effect } from "effect"` or `import * as Effect from "effect/Effect"`: one of them in a package. */
export const oneImportStyle = (files: ReadonlyArray<SourceFile>): ReadonlyArray<Violation> =>
  libraries.flatMap((library) => {
    const uses = files.flatMap((file) =>
      file.imports
        .filter(({ specifier }) => specifier === library || specifier.startsWith(`${library}/`))
        .map((each) => ({
          home: packageOf(file.path),
          file,
          each,
          style: each.specifier === library ? "barrel" : "module"
        }))
    )
    return packages.flatMap((home) => {
      const own = uses.filter((use) => use.home === home)
      const barrels = own.filter((use) => use.style === "barrel")
      const modules = own.filter((use) => use.style === "module")
      const fewer = barrels.length < modules.length ? barrels : modules
      const style = fewer === barrels ? "by module" : "by barrel"
      return fewer.map(({ file, each }) => ({
        path: file.path,
        line: each.line,
        message: `${home} imports ${library} ${style} elsewhere; ${each.specifier} is the other way`
      }))
    })
  })
