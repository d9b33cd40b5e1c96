import { type SourceFile, type Violation, visit } from "./SourceFile.ts"

const shape = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/
const isCode = (text: string) => text.length > 4 && shape.test(text)

/** Codes are public: the table in core and the page that users read must hold the same ones. */
export const errorCodesInStep = (
  errors: SourceFile,
  docs: { readonly path: string; readonly text: string }
): ReadonlyArray<Violation> => {
  const inCode = new Map<string, number>()
  const note = (text: string, line: number) => {
    if (isCode(text) && !inCode.has(text)) inCode.set(text, line)
  }
  visit(errors.program, {
    Literal: (node) => {
      if (typeof node.value === "string") note(node.value, errors.lineOf(node))
    },
    Property: (node) => {
      if (node.key.type === "Identifier") note(node.key.name, errors.lineOf(node))
    }
  })
  const inDocs = new Map<string, number>()
  docs.text.split("\n").forEach((line, index) => {
    if (!line.startsWith("|")) return
    const [, cell = ""] = line.split("|")
    for (const [, code = ""] of cell.matchAll(/`([A-Z0-9_]+)`/g)) if (isCode(code)) inDocs.set(code, index + 1)
  })
  const undocumented = [...inCode].filter(([code]) => !inDocs.has(code))
  const unknown = [...inDocs].filter(([code]) => !inCode.has(code))
  return [
    ...undocumented.map(([code, line]) => ({ path: errors.path, line, message: `${code} is not in ${docs.path}` })),
    ...unknown.map(([code, line]) => ({ path: docs.path, line, message: `${code} is not in ${errors.path}` }))
  ]
}
