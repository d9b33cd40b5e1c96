import { describe, expect, it } from "vitest"
import { editInput, editMask } from "../src/commands/edit.ts"
import { timeoutMillis } from "../src/commands/jobs.ts"
import * as request from "../src/commands/request.ts"
import { refusal } from "../src/Envelope.ts"
import { type Flag, valueOf } from "../src/Flags.ts"
import { type Parsed, parse } from "../src/Parse.ts"

const ran = (argv: ReadonlyArray<string>) => {
  const parsed = parse(argv)
  if (parsed.kind !== "run") throw new Error(`refused: ${JSON.stringify(parsed)}`)
  return {
    name: parsed.command.name,
    isJson: parsed.isJson,
    positionals: parsed.given.positionals,
    value: <A>(flag: Flag<A>) => valueOf(parsed.given, flag)
  }
}

const refused = (argv: ReadonlyArray<string>) => {
  const parsed: Parsed = parse(argv)
  if (parsed.kind !== "refused") throw new Error(`not refused: ${JSON.stringify(parsed)}`)
  return parsed.problem
}

describe("values", () => {
  const create = (...words: ReadonlyArray<string>) => ran(["create", ...words])

  it.each([
    [["--prompt=-x"], "-x"],
    [["--prompt="], ""],
    [["--prompt", ""], ""],
    [["--prompt", "-7"], "-7"],
    [["--prompt", " padded \n"], " padded \n"],
    [["--prompt=a\nb=c"], "a\nb=c"],
    [["--prompt", "--not-a-flag of ours"], "--not-a-flag of ours"],
    [["--prompt=--json"], "--json"],
    [["--prompt", "-"], "-"]
  ])("%j is read verbatim", (words, prompt) => {
    expect(create(...words).value(request.prompt)).toBe(prompt)
  })

  it("keeps repeated flags in order, in both spellings", () => {
    const { value } = create("--reference-image=a@0", "--reference-image", "b", "--prompt", "x")
    expect(value(request.referenceImage)).toEqual(["a@0", "b"])
  })

  it("reads numbers, amounts and defaults", () => {
    const { value } = create("--output-count", "2", "--max-usd", "0.05")
    expect([value(request.outputCount), value(request.maxUsd)]).toEqual([2, 0.05])
    expect(ran(["jobs", "wait", "job_1"]).value(timeoutMillis)).toBe(120_000)
  })

  it("takes global flags before and after the command's words", () => {
    expect(ran(["--json", "models", "show", "m"]).isJson).toBe(true)
    expect(ran(["models", "--data-dir", "d", "show", "m", "--json"])).toMatchObject({
      name: "models show",
      positionals: ["m"],
      isJson: true
    })
  })

  it("takes everything after -- as an argument", () => {
    expect(ran(["models", "show", "--", "--json"]).positionals).toEqual(["--json"])
    expect(ran(["edit", "--input", "a", "--mask", "b", "--"]).value(editMask)).toBe("b")
  })

  it("knows aliases by their canonical name", () => {
    expect([ran(["models"]).name, ran(["quota"]).name]).toEqual(["models list", "usage quota"])
  })
})

describe("refusals name what was received and what is allowed", () => {
  it.each([
    [["create", "--promt", "x"], "--prompt"],
    [["create", "--output-dir", "x"], "--output"],
    [["create", "--model-parameters={}"], "--model-parameters-json"],
    [["create", "--mask", "x"], "image-skill edit"],
    [["create", "-x"], "unknown flag"],
    [["create", "--prompt"], "needs a value"],
    [["create", "--prompt", "--json"], "--prompt=--json"],
    [["create", "--prompt", "--model=x"], "needs a value"],
    [["create", "--prompt", "--"], "needs a value"],
    [["create", "--dry-run=yes"], "takes no value"],
    [["create", "--prompt", "a", "--prompt", "b"], "2 times"],
    [["create", "--output-count", "two"], "whole number"],
    [["create", "--output-count", "1.5"], "whole number"],
    [["create", "--output-count", "0"], "from 1"],
    [["create", "--max-usd", "$5"], "decimal"],
    [["create", "--max-usd", "1e9"], "decimal"],
    [["create", "--max-usd", "-1"], "decimal"],
    [["create", "--output="], "empty"],
    [["create", "a", "prompt"], "unexpected argument"],
    [["models", "list", "--operation", "paint"], "image.generate"],
    [["models", "show"], "MODEL_ID is missing"],
    [["models", "show", ""], "empty"],
    [["assets", "get", "image_1"], "--output is required"],
    [["--bogus", "create"], "unknown flag"]
  ])("%j", (argv, part) => {
    const problem = refused(argv)
    expect([problem.code, refusal("", problem).exitCode]).toEqual(["INVALID_ARGUMENTS", 2])
    expect(problem.message).toContain(part)
  })

  it.each([
    [["create", "--promt", "a b", "--json"], "image-skill create --prompt 'a b' --json", undefined],
    [["edit", "--inptu=a.png", "--max-usd", "1"], "image-skill edit --input=a.png --max-usd 1", undefined],
    [["assets", "get", "image_1"], "image-skill assets get image_1 --output FILE", ["FILE"]],
    [["models", "show", "--json"], "image-skill models show --json MODEL_ID", ["MODEL_ID"]],
    [["create", "--output-count", "two"], "image-skill create --help", undefined],
    [["edit", "-m", "local.grade", "-i", "a.png"], "image-skill edit --model local.grade --input a.png", undefined],
    [["-V"], "image-skill --version", undefined],
    [["create", "a", "cat", "--json"], "image-skill create --json --prompt 'a cat'", undefined],
    [["create", "--", "-a cat"], "image-skill create '--prompt=-a cat'", undefined],
    [["create", "a cat", "--prompt", "a dog"], "image-skill create --help", undefined],
    [["edit", "a.png", "--model", "local.grade"], "image-skill edit --model local.grade --input a.png", undefined],
    [["edit", "a.png", "b.png"], "image-skill edit --help", undefined]
  ])("%j: the command line mended", (argv, suggested, missing) => {
    const { recovery } = refused(argv)
    expect([recovery?.suggested_command, recovery?.missing_inputs]).toEqual([suggested, missing])
  })

  it("names the flag that is required", () => {
    expect(refused(["assets", "get", "image_1"]).recovery?.required_flag).toBe("--output")
  })

  it("names every fault at once", () => {
    const { details } = refused(["create", "--output-count", "x", "--max-usd", "y", "z"])
    expect(details).toMatchObject({ issues: [{ path: "--output-count" }, { path: "--max-usd" }, { path: "z" }] })
  })

  it.each([
    [["craete", "--prompt", "a b", "--json"], "image-skill create --prompt 'a b' --json"],
    [["--data-dir", "d", "craete"], "image-skill --data-dir d create --prompt TEXT"],
    [["craete", "x"], "image-skill create --prompt TEXT"],
    [["model", "list"], "image-skill models list"],
    [["models", "--json", "shwo", "x"], "image-skill models show --json x"],
    [["xyzzy"], "image-skill help"],
    [["assets"], "image-skill assets list"],
    [["credits"], "image-skill credits methods"],
    [["credits", "by", "--quote-id", "q"], "image-skill credits buy --quote-id q --idempotency-key KEY"],
    [["help", "craete"], "image-skill help create"],
    [["craete", "--help"], "image-skill create --help"],
    [["constructor"], "image-skill help"]
  ])("%j is no command; the nearest is %s", (argv, suggested) => {
    const problem = refused(argv)
    expect([problem.code, refusal("", problem).exitCode]).toEqual(["PUBLIC_CLI_COMMAND_NOT_AVAILABLE", 2])
    expect(problem.recovery?.suggested_command).toBe(suggested)
  })
})

describe("help", () => {
  it.each([
    [[], null],
    [["--help"], null],
    [["help"], null],
    [["-h"], null],
    [["help", "models", "show"], "models show"],
    [["create", "--prompt", "x", "--help"], "create"],
    [["create", "--prompt", "--help"], "create"],
    [["--help", "edit"], "edit"],
    [["create", "--bogus", "--help"], "create"]
  ])("%j", (argv, name) => {
    const parsed = parse(argv)
    expect(parsed.kind === "help" ? (parsed.command?.name ?? null) : parsed).toBe(name)
  })

  it.each([
    [["admin", "--help"], "admin"],
    [["help", "credits"], "credits"],
    [["models", "--help", "--json"], "models"],
    [["admin", "tokens", "-h"], "admin tokens"]
  ])("%j lists the commands of the group", (argv, group) => {
    expect(parse(argv)).toMatchObject({ kind: "help", command: null, group })
  })

  it("is not what a value after = asks for", () => {
    expect(ran(["edit", "--input=--help"]).value(editInput)).toBe("--help")
  })
})
