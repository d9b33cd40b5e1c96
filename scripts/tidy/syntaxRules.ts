import type { VisitorObject } from "./parser.ts"
import { type SourceFile, type Violation, visit } from "./SourceFile.ts"

type Report = (node: { readonly start: number }, message: string) => void

/** A rule over the syntax tree: `visitor` is given a way to report a node. */
const perNode =
  (visitor: (report: Report, file: SourceFile) => VisitorObject) =>
  (file: SourceFile): ReadonlyArray<Violation> => {
    const found: Array<Violation> = []
    visit(
      file.program,
      visitor((node, message) => found.push({ path: file.path, line: file.lineOf(node), message }), file)
    )
    return found
  }

export const noAny = perNode((report) => ({ TSAnyKeyword: (node) => report(node, "any: say what it is, or unknown") }))

export const noCasts = perNode((report) => ({
  TSAsExpression: ({ start, typeAnnotation: type }) => {
    const isConst =
      type.type === "TSTypeReference" && type.typeName.type === "Identifier" && type.typeName.name === "const"
    if (!isConst) report({ start }, "a cast hides what the checker knows: decode or narrow")
  },
  TSTypeAssertion: (node) => report(node, "a cast hides what the checker knows: decode or narrow")
}))

export const noNonNull = perNode((report) => ({
  TSNonNullExpression: (node) => report(node, "`!` asserts what is not proven: handle undefined"),
  VariableDeclarator: (node) => {
    if (node.definite === true) report(node, "`!` asserts what is not proven: initialise it")
  },
  PropertyDefinition: (node) => {
    if (node.definite === true) report(node, "`!` asserts what is not proven: initialise it")
  }
}))

/** Syntax that cannot be erased, or that has a plainer way. */
export const plainSyntax = perNode((report) => ({
  TSEnumDeclaration: (node) => report(node, "enum: use Schema.Literal or a union of strings"),
  TSModuleDeclaration: (node) => {
    if (node.kind === "namespace") report(node, "namespace: a file is a namespace")
  },
  Decorator: (node) => report(node, "decorators are not used here"),
  ExportDefaultDeclaration: (node) => report(node, "default export: give it a name"),
  ExportSpecifier: (node) => {
    if (node.exported.type === "Identifier" && node.exported.name === "default")
      report(node, "default export: give it a name")
  },
  TSExportAssignment: (node) => report(node, "`export =`: give it a name")
}))

/** A failure inside a generator is a value of its Effect; `try` would only see defects, by accident. */
export const noTryInGenerators = perNode((report) => {
  const generators: Array<boolean> = []
  const enter = (node: { readonly generator?: boolean }) => void generators.push(node.generator === true)
  const leave = () => void generators.pop()
  return {
    FunctionExpression: enter,
    "FunctionExpression:exit": leave,
    FunctionDeclaration: enter,
    "FunctionDeclaration:exit": leave,
    ArrowFunctionExpression: () => void generators.push(false),
    "ArrowFunctionExpression:exit": leave,
    TryStatement: (node) => {
      if (generators.at(-1) === true) report(node, "try in a generator: use Effect.try, catchTag or ensuring")
    }
  }
})

export const noSilencedChecks = (file: SourceFile): ReadonlyArray<Violation> =>
  file.comments
    .filter(({ text }) => /^\s*@ts-(ignore|nocheck|expect-error)\b/.test(text))
    .map(({ line }) => ({ path: file.path, line, message: "the checker is silenced: fix what it says" }))
