import { assert, describe, it } from "@effect/vitest"
import { Effect, Either } from "effect"
import { inspect } from "../../src/assets/ImageInspector.ts"
import { makeFakeProvider } from "../../src/testing/FakeProvider.ts"
import { answers, type FakeAct, refuses } from "../../src/testing/FakeProviderActs.ts"
import { fakePng, hugePng } from "../../src/testing/FakeProviderPng.ts"
import { providerSuite } from "../../src/testing/providerSuite.ts"

const fake = (act: FakeAct) => Effect.runSync(makeFakeProvider({ script: () => act, canFind: true, canCancel: true }))

const good = fake(answers({ afterMillis: 0 }))
const urls = fake(answers({ afterMillis: 0, kind: "urls" }))

const failing = [
  { name: "refuses the key", plugin: fake(refuses("authentication")).plugin },
  { name: "cuts the line", plugin: fake({ _tag: "LoseAnswer", afterMillis: 0 }).plugin }
]

providerSuite("fake", good.plugin, { failing })
providerSuite("fake, with result URLs", urls.plugin, { fetch: urls.fetch.bytes })

describe("fakePng", () => {
  it("is a PNG that our inspector takes, and another for another text", () => {
    const facts = Either.getOrThrow(inspect(fakePng(301, 17, "one")))
    assert.deepStrictEqual([facts.mediaType, facts.width, facts.height], ["image/png", 301, 17])
    assert.notDeepEqual(fakePng(32, 32, "one"), fakePng(32, 32, "two"))
  })

  it("claims 900 megapixels where that is wanted", () => {
    assert.isTrue(Either.isLeft(inspect(hugePng())))
  })
})
