import { existsSync, readdirSync, readFileSync } from "node:fs"

/**
 * The fenced blocks of a Markdown text, each with its language and the line its code starts at (1 is the first).
 *
 * @param {string} text
 * @returns {ReadonlyArray<{ language: string, code: string, line: number }>}
 */
export const fencesOf = (text) => {
  const lines = text.split("\n")
  /** @type {Array<{ language: string, code: string, line: number }>} */
  const fences = []
  for (let index = 0; index < lines.length; index += 1) {
    const open = /^(\s*)(```+|~~~+)\s*([\w+-]*)/.exec(lines[index] ?? "")
    if (open === null) continue
    const [, indent = "", mark = "", language = ""] = open
    const end = lines.findIndex((line, at) => at > index && line.trim() === mark)
    const last = end < 0 ? lines.length : end
    const code = lines
      .slice(index + 1, last)
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
    fences.push({ language, code: code.join("\n"), line: index + 2 })
    index = last
  }
  return fences
}

/** The pages whose fences are promises to a reader. */
export const pages = () => {
  const docs = existsSync("docs") ? readdirSync("docs", { recursive: true, encoding: "utf8" }) : []
  return ["README.md", "CONTRIBUTING.md", ...docs.map((name) => `docs/${name}`)]
    .filter((path) => path.endsWith(".md") && existsSync(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(path, "utf8") }))
}
