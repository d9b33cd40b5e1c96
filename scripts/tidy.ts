/**
 * Our own rules, STYLE sections 1 and 12, as functions of file contents. `tidy.test.ts` holds the repository to them.
 * A rule that turns out wrong is changed here, with its reason; a single exception goes to `exceptions`.
 */
import { errorCodesInStep } from "./tidy/errorCodes.ts"
import { hostFreeCore, noHostCalls, runsAtTheEdge } from "./tidy/hostRules.ts"
import { importPath, internalDoor, oneImportStyle, packageDirection, roomOrder } from "./tidy/importRules.ts"
import {
  completeProviders,
  fileLength,
  indexReexports,
  knownPackages,
  knownRooms,
  tellingNames
} from "./tidy/layoutRules.ts"
import { parse, type SourceFile, type Violation } from "./tidy/SourceFile.ts"
import { noAny, noCasts, noNonNull, noSilencedChecks, noTryInGenerators, plainSyntax } from "./tidy/syntaxRules.ts"

/** Rules of one file in a package's src/. */
export const fileRules = {
  packageDirection,
  roomOrder,
  internalDoor,
  importPath,
  hostFreeCore,
  noHostCalls,
  runsAtTheEdge,
  noAny,
  noCasts,
  noNonNull,
  plainSyntax,
  noTryInGenerators,
  noSilencedChecks,
  fileLength,
  tellingNames,
  knownRooms,
  knownPackages,
  indexReexports
} as const

/** Rules that need to see the whole repository at once. */
export const treeRules = {
  oneImportStyle: (tree: Tree) => oneImportStyle(sourcesOf(tree)),
  completeProviders: (tree: Tree) => completeProviders(tree.map(({ path }) => path)),
  errorCodes: (tree: Tree) => {
    const errors = tree.find(({ path }) => path === "packages/core/src/kernel/ErrorTable.ts")
    const docs = tree.find(({ path }) => path === "docs/errors.md")
    if (errors === undefined || docs === undefined) return []
    return errorCodesInStep(parse(errors.path, errors.source), { path: docs.path, text: docs.source })
  }
} as const

/** Files of the repository by path; content matters for sources and pages only. */
export type Tree = ReadonlyArray<{ readonly path: string; readonly source: string }>

export interface Exception {
  readonly rule: string
  readonly path: string
  readonly reason: string
}

/** What may break a rule, and why. An entry that excuses nothing any more fails the test. */
export const exceptions: ReadonlyArray<Exception> = [
  {
    path: "packages/server/src/Embedded.ts",
    rule: "runsAtTheEdge",
    reason:
      "it is the Promise facade of embedded mode: settings that cannot be read must answer, before there is a runtime"
  }
]

const sourcesOf = (tree: Tree): ReadonlyArray<SourceFile> =>
  tree.filter(({ path }) => /^packages\/[^/]+\/src\/.+\.ts$/.test(path)).map(({ path, source }) => parse(path, source))

/** All that is wrong in a tree, exceptions aside, each as `path:line rule: message`; and exceptions that excuse nothing. */
export const complaintsAbout = (tree: Tree, allowed = exceptions): ReadonlyArray<string> => {
  const sources = sourcesOf(tree)
  const found = [
    ...Object.entries(fileRules).flatMap(([rule, check]) => sources.flatMap(check).map((each) => ({ rule, ...each }))),
    ...Object.entries(treeRules).flatMap(([rule, check]) => check(tree).map((each) => ({ rule, ...each })))
  ]
  const excuses = (entry: Exception) => (each: { readonly rule: string } & Violation) =>
    entry.rule === each.rule && entry.path === each.path
  const left = found.filter((each) => !allowed.some((entry) => excuses(entry)(each)))
  const idle = allowed.filter((entry) => !found.some(excuses(entry)))
  return [
    ...left.map(({ path, line, rule, message }) => `${path}:${line} ${rule}: ${message}`),
    ...idle.map(({ path, rule }) => `${path} ${rule}: this exception excuses nothing`)
  ]
}
