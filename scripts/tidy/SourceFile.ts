import { type ESTreeNode, type Program, parseSync, Visitor, type VisitorObject } from "./parser.ts"

/** One import of a file: `import`, `export … from` or `import()` with a literal name. */
export interface Import {
  readonly specifier: string
  readonly isDynamic: boolean
  /** Erased when compiled, so nothing is loaded at run time. */
  readonly isTypeOnly: boolean
  readonly line: number
}

export interface SourceFile {
  /** From the repository's root, with forward slashes: `packages/core/src/kernel/Money.ts`. */
  readonly path: string
  readonly source: string
  readonly program: Program
  readonly imports: ReadonlyArray<Import>
  readonly comments: ReadonlyArray<{ readonly text: string; readonly line: number }>
  readonly lineOf: (node: { readonly start: number }) => number
}

export interface Violation {
  readonly path: string
  readonly line: number
  readonly message: string
}

export const parse = (path: string, source: string): SourceFile => {
  const result = parseSync(path, source)
  const [problem] = result.errors
  if (problem !== undefined) throw new Error(`${path} does not parse: ${problem.message}`)
  const lineOf = (node: { readonly start: number }): number => source.slice(0, node.start).split("\n").length
  const imports = [
    ...result.module.staticImports.map((each) => ({
      specifier: each.moduleRequest.value,
      isDynamic: false,
      isTypeOnly: each.entries.length > 0 && each.entries.every((entry) => entry.isType),
      line: lineOf(each)
    })),
    ...result.module.staticExports.flatMap((each) => {
      const specifier = each.entries[0]?.moduleRequest?.value
      const isTypeOnly = each.entries.every((entry) => entry.isType)
      return specifier === undefined ? [] : [{ specifier, isDynamic: false, isTypeOnly, line: lineOf(each) }]
    }),
    ...dynamicImportsOf(result.program, lineOf)
  ]
  const comments = result.comments.map((comment) => ({ text: comment.value, line: lineOf(comment) }))
  return { path, source, program: result.program, imports, comments, lineOf }
}

const dynamicImportsOf = (program: Program, lineOf: SourceFile["lineOf"]): ReadonlyArray<Import> => {
  const found: Array<Import> = []
  visit(program, {
    ImportExpression: (node) => {
      if (node.source.type !== "Literal" || typeof node.source.value !== "string") return
      found.push({ specifier: node.source.value, isDynamic: true, isTypeOnly: false, line: lineOf(node) })
    }
  })
  return found
}

export const visit = (program: Program, visitor: VisitorObject): void => new Visitor(visitor).visit(program)

/** The dotted name of a plain chain such as `process.env`, and undefined for any other expression. */
export const dottedName = (node: ESTreeNode): string | undefined => {
  if (node.type === "Identifier") return node.name
  if (node.type !== "MemberExpression" || node.property.type === "PrivateIdentifier") return undefined
  const name = memberName(node)
  const object = dottedName(node.object)
  return object === undefined || name === undefined ? undefined : `${object}.${name}`
}

const memberName = (node: Extract<ESTreeNode, { type: "MemberExpression" }>): string | undefined => {
  if (!node.computed) return node.property.name
  return node.property.type === "Literal" && typeof node.property.value === "string" ? node.property.value : undefined
}

/** `packages/core/src/kernel/Money.ts` -> `core`; undefined outside packages. */
export const packageOf = (path: string): string | undefined => /^packages\/([^/]+)\//.exec(path)?.[1]

/** The path that a relative import means, without leaving the repository's notation. */
export const resolveRelative = (from: string, specifier: string): string => {
  const parts = from.split("/").slice(0, -1)
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop()
    else if (part !== ".") parts.push(part)
  }
  return parts.join("/")
}
