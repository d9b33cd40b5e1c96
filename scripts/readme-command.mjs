// Prints a command as README.md gives it, so that what CI runs and what a newcomer pastes cannot drift apart:
// `first` is the first line of a shell fence with `image-skill create`, `test` the first with `npm test`.
import { readFileSync } from "node:fs"
import { pathToFileURL } from "node:url"
import { fencesOf } from "./markdown.mjs"

const marks = new Map([
  ["first", "image-skill create"],
  ["test", "npm test"]
])

/**
 * @param {string} readme
 * @param {string} mark
 */
export const commandWith = (readme, mark) =>
  fencesOf(readme)
    .filter(({ language }) => ["bash", "sh", "shell", "console"].includes(language))
    .flatMap(({ code }) => code.replace(/\\\n\s*/g, "").split("\n"))
    .map((line) => line.replace(/^\$ /, "").trim())
    .find((line) => !line.startsWith("#") && line.includes(mark))

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const mark = marks.get(process.argv[2] ?? "")
  const command = mark === undefined ? undefined : commandWith(readFileSync("README.md", "utf8"), mark)
  if (command === undefined) {
    console.error(`README.md has no shell fence with "${mark ?? process.argv[2]}"`)
    process.exit(1)
  }
  console.log(command)
}
