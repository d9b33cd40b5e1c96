/** Shell completions, made from the declared commands. */
import { bashScript } from "./completionBash.ts"
import { fishScript } from "./completionFish.ts"
import { zshScript } from "./completionZsh.ts"

export interface Completions {
  readonly script: string
  /** How a shell takes a file with the script. */
  readonly loadCommand: (file: string) => string
}

const loadCommand = (file: string) => `source ${file}`

export const completionsOf: Readonly<Record<"bash" | "zsh" | "fish", () => Completions>> = {
  bash: () => ({ script: bashScript(), loadCommand }),
  zsh: () => ({ script: zshScript(), loadCommand }),
  fish: () => ({ script: fishScript(), loadCommand })
}
