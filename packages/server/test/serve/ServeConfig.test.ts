import { assert, describe, it } from "@effect/vitest"
import { ProviderId } from "@image-skill/core/kernel/Ids"
import { ConfigProvider, Effect } from "effect"
import { PolicyConfig } from "../../src/identity/PolicyConfig.ts"
import {
  connectionsOfAddressMax,
  isLoopback,
  readServeConfig,
  type ServeConfig,
  warningsOf
} from "../../src/serve/ServeConfig.ts"
import { onFolder } from "./house.ts"

/** What is made of the settings of the house and of its socket together. */
const both = <A>(
  environment: Readonly<Record<string, string>>,
  make: (config: ServeConfig, policy: PolicyConfig) => A
) =>
  Effect.all([readServeConfig, PolicyConfig]).pipe(
    Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(environment)))),
    Effect.map(([config, policy]) => make(config, policy))
  )

const read = (environment: Readonly<Record<string, string>>) =>
  Effect.withConfigProvider(readServeConfig, ConfigProvider.fromMap(new Map(Object.entries(environment))))

describe("what a server is told", () => {
  it.effect("public URL, folder of images, jobs at one time and in the queues, patience at the end", () =>
    Effect.gen(function* () {
      const config = yield* read({
        IMAGE_SKILL_PUBLIC_URL: "https://images.example/house/",
        IMAGE_SKILL_BLOB_URL: "file:///var/lib/images",
        IMAGE_SKILL_CONCURRENCY: "fal=20, openai=4",
        IMAGE_SKILL_QUEUE: "50,fal=0",
        IMAGE_SKILL_QUEUE_PER_ORGANIZATION: "xai=7",
        IMAGE_SKILL_DRAIN_SECONDS: "30"
      })
      const { drainMillis, runningOf, waitingMax, waitingOfOrganizationMax } = config.queues
      assert.deepStrictEqual(
        [config.publicUrl, config.blobDirectory, drainMillis],
        ["https://images.example/house", "/var/lib/images", 30_000]
      )
      const [fal, xai] = [ProviderId.make("fal"), ProviderId.make("xai")]
      assert.deepStrictEqual(
        [runningOf, waitingMax, waitingOfOrganizationMax].map((of) => [of(fal), of(xai)]),
        [
          [20, null],
          [0, 50],
          [200, 7]
        ]
      )
    })
  )

  const refused: ReadonlyArray<readonly [name: string, value: string, says: string]> = [
    ["IMAGE_SKILL_PUBLIC_URL", "ftp://images.example", "http or https"],
    ["IMAGE_SKILL_PUBLIC_URL", "https://user:secret@images.example", "without user name"],
    ["IMAGE_SKILL_BLOB_URL", "s3://bucket", "folders only"],
    ["IMAGE_SKILL_BLOB_URL", "/var/lib", "file: URL"],
    ["DATABASE_URL", "postgres://user:hunter2@host/db", "--data-dir"],
    ["IMAGE_SKILL_CONCURRENCY", "fal=0", "PROVIDER=COUNT"],
    ["IMAGE_SKILL_QUEUE", "fal=1,fal=2", "PROVIDER=COUNT"],
    ["IMAGE_SKILL_QUEUE_PER_ORGANIZATION", "many", "PROVIDER=COUNT"],
    ["IMAGE_SKILL_DRAIN_SECONDS", "10m", "seconds"]
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

  it.effect(
    "a public URL without a word of proxies, and every address without one, are warned of with what mends it",
    () =>
      Effect.gen(function* () {
        const url = { IMAGE_SKILL_PUBLIC_URL: "https://images.example" }
        const warned = (environment: Readonly<Record<string, string>>, address = "127.0.0.1") =>
          both(environment, (config, policy) => warningsOf(config, policy, address))
        assert.include((yield* warned(url))[0], "IMAGE_SKILL_TRUSTED_PROXIES=1")
        const quiet = [
          {},
          { IMAGE_SKILL_PUBLIC_URL: "http://localhost:9000" },
          { ...url, IMAGE_SKILL_TRUSTED_PROXIES: "1" },
          { ...url, IMAGE_SKILL_TRUSTED_PROXIES: "0" },
          { ...url, IMAGE_SKILL_RATE_LIMIT: "off" }
        ]
        for (const environment of quiet) assert.deepStrictEqual(yield* warned(environment), [])
        // An image at http://0.0.0.0 is found by nobody.
        for (const address of ["0.0.0.0", "::"]) {
          assert.match((yield* warned({}, address)).join(), /^IMAGE_SKILL_PUBLIC_URL is not set/)
          assert.deepStrictEqual(yield* warned({ IMAGE_SKILL_PUBLIC_URL: "http://localhost:1" }, address), [])
        }
        assert.deepStrictEqual(yield* warned({}, "192.0.2.7"), [])
      })
  )

  it.effect("limits the connections of an address by itself where it is a caller's, and else when told to", () =>
    Effect.gen(function* () {
      const most = (environment: Readonly<Record<string, string>>, address = "0.0.0.0") =>
        both(environment, (config, policy) => connectionsOfAddressMax(config, policy, address))
      const url = { IMAGE_SKILL_PUBLIC_URL: "https://images.example" }
      const set = { IMAGE_SKILL_CONNECTIONS_PER_ADDRESS: "7" }
      assert.deepStrictEqual(
        yield* Effect.all([
          most({}),
          most({ ...url, IMAGE_SKILL_TRUSTED_PROXIES: "0" }, "127.0.0.1"),
          most({}, "127.0.0.1"),
          most(url),
          most({ ...url, IMAGE_SKILL_TRUSTED_PROXIES: "1" }),
          most(set, "127.0.0.1"),
          most({ IMAGE_SKILL_CONNECTIONS_PER_ADDRESS: "off" }),
          most({ ...set, IMAGE_SKILL_RATE_LIMIT: "off" })
        ]),
        [200, 200, null, null, null, 7, null, null]
      )
    })
  )

  it("a start tells its host what is likely wrong", () =>
    onFolder(async (start) => {
      const { warnings } = await start({ environment: { IMAGE_SKILL_PUBLIC_URL: "https://images.example" } })
      assert.lengthOf(warnings, 1)
    }))

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
