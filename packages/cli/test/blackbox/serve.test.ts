import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { makeMachine, node } from "../support/binary.ts"

const binary = fileURLToPath(new URL("../../bin/image-skill.js", import.meta.url))

/** The first line that a program prints, and what stops it. */
const started = async (folder: string) => {
  const child = spawn(node, [binary, "serve", "--port", "0", "--data-dir", folder], {
    env: { HOME: folder, PATH: process.env.PATH ?? "" }
  })
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve))
  let stdout = ""
  const line = await new Promise<string>((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text
      if (stdout.includes("\n")) resolve(stdout)
    })
    void ended.then(() => resolve(stdout))
  })
  const stop = async () => {
    child.kill("SIGTERM")
    return { exitCode: await ended, stdout }
  }
  const answer: { readonly ok: boolean; readonly data: { readonly url: string; readonly pid: number } | null } =
    JSON.parse(line)
  return { ok: answer.ok, url: answer.data?.url ?? "", isItself: answer.data?.pid === child.pid, stop }
}

describe("image-skill serve", () => {
  it("answers once, serves the CLI, and ends with 0 when it is asked to stop", async () => {
    const machine = makeMachine()
    const server = await started(machine.at("data"))
    try {
      assert.deepStrictEqual([server.ok, server.isItself], [true, true])
      const models = await machine.run(["models", "list", "--api-base-url", server.url, "--json"])
      assert.deepStrictEqual([models.exitCode, models.envelope.ok], [0, true])
      const stranger = await machine.run(["whoami", "--api-base-url", server.url, "--json"])
      assert.deepStrictEqual([stranger.exitCode, stranger.envelope.error?.code], [3, "AUTH_REQUIRED"])
      const taken = await machine.run(["serve", "--port", new URL(server.url).port, "--data-dir", "other", "--json"])
      assert.deepStrictEqual([taken.exitCode, taken.envelope.error?.code], [2, "INVALID_ARGUMENTS"])
      const bucket = await machine.run(["serve", "--port", "0", "--data-dir", "other", "--json"], {
        environment: { IMAGE_SKILL_BLOB_URL: "s3://bucket" }
      })
      assert.match(bucket.envelope.error?.message ?? "", /IMAGE_SKILL_BLOB_URL names an s3: bucket/)
    } finally {
      const { exitCode, stdout } = await server.stop()
      machine.remove()
      assert.deepStrictEqual([exitCode, stdout.trim().split("\n").length], [0, 1])
    }
  }, 60_000)
})
