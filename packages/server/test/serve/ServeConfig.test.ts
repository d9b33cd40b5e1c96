import { assert, describe, it } from "@effect/vitest"
import { ProviderId } from "@image-skill/core/kernel/Ids"
import { ConfigProvider, Effect } from "effect"
import { isLoopback, readServeConfig } from "../../src/serve/ServeConfig.ts"
import { onFolder } from "./house.ts"

const read = (environment: Readonly<Record<string, string>>) =>
  Effect.withConfigProvider(readServeConfig, ConfigProvider.fromMap(new Map(Object.entries(environment))))

describe("what a server is told", () => {
  it.effect("public URL, folder of images, jobs at one time", () =>
    Effect.gen(function* () {
      const config = yield* read({
        IMAGE_SKILL_PUBLIC_URL: "https://images.example/house/",
        IMAGE_SKILL_BLOB_URL: "file:///var/lib/images",
        IMAGE_SKILL_CONCURRENCY: "fal=20, openai=4"
      })
      assert.deepStrictEqual(
        [
          config.publicUrl,
          config.blobDirectory,
          config.runningOf(ProviderId.make("fal")),
          config.runningOf(ProviderId.make("xai"))
        ],
        ["https://images.example/house", "/var/lib/images", 20, null]
      )
    })
  )

  const refused: ReadonlyArray<readonly [name: string, value: string, says: string]> = [
    ["IMAGE_SKILL_PUBLIC_URL", "ftp://images.example", "http or https"],
    ["IMAGE_SKILL_PUBLIC_URL", "https://user:secret@images.example", "without user name"],
    ["IMAGE_SKILL_BLOB_URL", "s3://bucket", "folders only"],
    ["IMAGE_SKILL_BLOB_URL", "/var/lib", "file: URL"],
    ["DATABASE_URL", "postgres://user:hunter2@host/db", "--data-dir"],
    ["IMAGE_SKILL_CONCURRENCY", "fal=0", "PROVIDER=COUNT"]
  ]
  for (const [name, value, says] of refused) {
    it.effect(`refuses ${name}=${value}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(read({ [name]: value }))
        assert.include(error.message, name)
        assert.include(error.message, says)
        assert.notInclude(error.message, "hunter2")
      })
    )
  }

  it("loopback is an address and a URL of this machine, and nothing less", () => {
    const cases = [
      ["127.0.0.1", null],
      ["::1", "http://localhost:9000"],
      ["127.0.0.1", "https://images.example"],
      ["0.0.0.0", null],
      ["::", "http://127.0.0.1"]
    ] as const
    assert.deepStrictEqual(
      cases.map(([address, url]) => isLoopback(address, url)),
      [true, true, false, false, false]
    )
  })

  it("a port that is taken is told by name", () =>
    onFolder(async (start) => {
      const { port } = await start()
      const error = await start({ port }).then(
        () => "it listens",
        (failure: unknown) => String(failure)
      )
      assert.include(error, `127.0.0.1:${port} is in use`)
    }))
})
