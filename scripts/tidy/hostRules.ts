import { builtinModules } from "node:module"
import type { ESTreeNode, Program } from "./parser.ts"
import { dottedName, packageOf, type SourceFile, type Violation, visit } from "./SourceFile.ts"

/** What a name reaches, and what to use instead. The key is the global, or the global and one member. */
const everywhere = new Map([
  ["console", "Effect.log, or the CLI's output"],
  ["process.env", "Config, in a *Config.ts"],
  ["JSON.parse", "Schema.parseJson"],
  ["Date.now", "Clock"],
  ["Math.random", "Random"]
])

const inCore = new Map([
  ...["process", "Buffer", "require", "__dirname", "__filename", "fetch"].map((name) => [name, "a port"] as const),
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask"].map(
    (name) => [name, "Effect.sleep or Schedule"] as const
  ),
  ["performance.now", "Clock"]
])

const effectRunners = ["runPromise", "runPromiseExit", "runSync", "runSyncExit", "runFork", "runCallback"]

/** Uses of globals by dotted name; a name that the file declares itself is no global. */
const globalUses = (file: SourceFile): ReadonlyArray<{ readonly name: string; readonly line: number }> => {
  const declared = declaredNames(file.program)
  const notReferences = new Set<ESTreeNode>()
  const uses: Array<{ name: string; line: number }> = []
  const use = (name: string, node: ESTreeNode) => {
    const bare = name.replace(/^globalThis\./, "")
    const [root = ""] = bare.split(".")
    if (!declared.has(root)) uses.push({ name: bare, line: file.lineOf(node) })
  }
  visit(file.program, {
    MemberExpression: (node) => {
      if (!node.computed) notReferences.add(node.property)
      const name = dottedName(node)
      if (name !== undefined) use(name, node)
    },
    Property: (node) => {
      if (!node.computed && !node.shorthand) notReferences.add(node.key)
    },
    PropertyDefinition: (node) => void notReferences.add(node.key),
    MethodDefinition: (node) => void notReferences.add(node.key),
    TSPropertySignature: (node) => void notReferences.add(node.key),
    TSMethodSignature: (node) => void notReferences.add(node.key),
    ImportSpecifier: (node) => void notReferences.add(node.imported),
    ExportSpecifier: (node) => void notReferences.add(node.exported),
    Identifier: (node) => {
      if (!notReferences.has(node)) use(node.name, node)
    }
  })
  return uses
}

/** Every name bound anywhere in the file: imports, variables, parameters, functions, classes, types. */
const declaredNames = (program: Program): ReadonlySet<string> => {
  const names = new Set<string>()
  const bind = (node: ESTreeNode | null): void => {
    if (node === null) return
    if (node.type === "Identifier") names.add(node.name)
    if (node.type === "ObjectPattern")
      for (const each of node.properties) bind(each.type === "Property" ? each.value : each)
    if (node.type === "ArrayPattern") for (const each of node.elements) bind(each)
    if (node.type === "AssignmentPattern") bind(node.left)
    if (node.type === "RestElement") bind(node.argument)
    if (node.type === "TSParameterProperty") bind(node.parameter)
  }
  const bindFunction = (node: { readonly id?: ESTreeNode | null; readonly params: ReadonlyArray<ESTreeNode> }) => {
    bind(node.id ?? null)
    for (const parameter of node.params) bind(parameter)
  }
  visit(program, {
    ImportSpecifier: (node) => bind(node.local),
    ImportDefaultSpecifier: (node) => bind(node.local),
    ImportNamespaceSpecifier: (node) => bind(node.local),
    VariableDeclarator: (node) => bind(node.id),
    FunctionDeclaration: bindFunction,
    FunctionExpression: bindFunction,
    ArrowFunctionExpression: bindFunction,
    ClassDeclaration: (node) => bind(node.id),
    CatchClause: (node) => bind(node.param)
  })
  return names
}

const usesOf = (file: SourceFile, table: ReadonlyMap<string, string>): ReadonlyArray<Violation> => {
  const found = new Map<string, Violation>()
  for (const { name, line } of globalUses(file)) {
    for (const [banned, instead] of table) {
      if (name !== banned && !name.startsWith(`${banned}.`)) continue
      found.set(`${banned}:${line}`, { path: file.path, line, message: `${banned}: use ${instead}` })
    }
  }
  return [...found.values()]
}

/** Config is read once, in a *Config.ts; bin.ts hands the process its exit code. */
const mayReadEnvironment = (path: string) => /(Config|\/bin)\.ts$/.test(path)

/** A command that only asks a server loads no schema: its answer is read here, and checked by hand. */
const readsJson = "packages/cli/src/internal/readJson.ts"

export const noHostCalls = (file: SourceFile): ReadonlyArray<Violation> => {
  const allowed = mayReadEnvironment(file.path) ? ["process.env"] : file.path === readsJson ? ["JSON.parse"] : []
  const banned = new Map([...everywhere].filter(([name]) => !allowed.includes(name)))
  return [...usesOf(file, banned), ...wallClock(file)]
}

const wallClock = (file: SourceFile): ReadonlyArray<Violation> => {
  const found: Array<Violation> = []
  visit(file.program, {
    NewExpression: (node) => {
      if (dottedName(node.callee) !== "Date" || node.arguments.length > 0) return
      found.push({ path: file.path, line: file.lineOf(node), message: "new Date(): use Clock or DateTime.now" })
    }
  })
  return found
}

/** Core runs anywhere: it reaches the world through ports only. */
export const hostFreeCore = (file: SourceFile): ReadonlyArray<Violation> => {
  if (packageOf(file.path) !== "core") return []
  const imports = file.imports
    .filter(({ specifier }) => specifier.startsWith("node:") || builtinModules.includes(specifier))
    .map(({ specifier, line }) => ({ path: file.path, line, message: `core must not import ${specifier}` }))
  return [...imports, ...usesOf(file, inCore)]
}

/** Programs run Effects at their edge: main.ts, bin.ts, and the Promise facade of sdk/. */
export const runsAtTheEdge = (file: SourceFile): ReadonlyArray<Violation> => {
  if (/\/(main|bin)\.ts$/.test(file.path) || file.path.startsWith("packages/core/src/sdk/")) return []
  const found: Array<Violation> = []
  visit(file.program, {
    MemberExpression: (node) => {
      const [root, method = "", ...more] = dottedName(node)?.split(".") ?? []
      if (more.length > 0 || !["Effect", "Runtime", "NodeRuntime"].includes(root ?? "")) return
      if (!effectRunners.includes(method) && method !== "runMain") return
      found.push({
        path: file.path,
        line: file.lineOf(node),
        message: `${root}.${method} belongs in main.ts, bin.ts or sdk/`
      })
    }
  })
  return found
}
