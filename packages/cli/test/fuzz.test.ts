import { errorTable } from "@image-skill/core/kernel/Errors"
import { FastCheck } from "effect"
import { afterAll, expect, it } from "vitest"
import { commands, declaredFlags } from "../src/Cli.ts"
import { refuse, reply, runIn, temporaryFolder } from "./support/host.ts"

const folder = temporaryFolder()
const run = runIn(folder.path)
afterAll(() => folder.remove())

const words = [...commands.flatMap(({ name, aliases }) => [name, ...aliases])]
const flagWords = [...declaredFlags.keys()].flatMap((name) => [`--${name}`, `--${name}=`, `--${name}=1`])

const word = FastCheck.oneof(
  { weight: 3, arbitrary: FastCheck.constantFrom(...words.flatMap((name) => name.split(" "))) },
  { weight: 3, arbitrary: FastCheck.constantFrom(...flagWords) },
  {
    weight: 2,
    arbitrary: FastCheck.constantFrom(
      "--",
      "-",
      "-h",
      "-7",
      "",
      "..",
      "0.05",
      "{}",
      "[",
      "image_1",
      "job_1",
      "a@0:1",
      "ftp://x",
      "http://[",
      "__proto__",
      "--__proto__=1"
    )
  },
  { weight: 1, arbitrary: FastCheck.string({ unit: "binary", maxLength: 12 }) },
  { weight: 1, arbitrary: FastCheck.string({ maxLength: 12 }).map((text) => `--${text}`) }
)

const argv = FastCheck.tuple(
  FastCheck.oneof(FastCheck.constantFrom(...words.map((name) => name.split(" "))), FastCheck.constant([])),
  FastCheck.array(word, { maxLength: 8 })
).map(([start, rest]) => [...start, ...rest].map((text) => (/^--output=?/.test(text) ? "--output-count=1" : text)))

const exits = new Set<number>([0, ...Object.values(errorTable).map(({ exit }) => exit)])

it("answers whatever is typed with one JSON document, a known exit code and no stack trace", async () => {
  await FastCheck.assert(
    FastCheck.asyncProperty(argv, async (typed) => {
      const { stdout, stderr, exitCode, envelope } = await run(typed, {
        answering: ({ path }) => (path === "/v1/models" ? reply({ models: [] }) : refuse("INVALID_ARGUMENTS", 400))
      })
      expect(stdout.endsWith("\n") && stdout.indexOf("\n") === stdout.length - 1).toBe(true)
      expect(envelope.ok).toBe(exitCode === 0)
      expect(exits.has(exitCode) && exitCode !== 1).toBe(true)
      expect(`${stdout}${stderr}`).not.toMatch(/\n\s+at |defect/)
      expect([null, ...Object.keys(errorTable)]).toContain(envelope.error?.code ?? null)
    }),
    { numRuns: 500, seed: 20261122 }
  )
}, 60_000)
