import { assert } from "@effect/vitest"
import { fuzz } from "./fuzz.ts"
import { type House, inContractHouse } from "./house.ts"
import { type Extent, leaks, mixed } from "./isolation.ts"
import { faultsOf } from "./judge.ts"
import { idsIn } from "./slots.ts"
import { at, operatorsRun, uploads, wholeRun } from "./wholeRun.ts"

/** What an agent has, as it is told. */
const holdings = async (house: House, token: string) => {
  const answers = await Promise.all(
    ["/v1/assets", "/v1/jobs", "/v1/quota", "/v1/activity"].map((path) => house.ask({ method: "GET", path, token }))
  )
  return answers.map(({ envelope }) => envelope?.data)
}

/** Two agents do all that there is to do, and then each asks after what is the other's. How often it asked. */
export const twoOrganizations = (extent: Extent): Promise<number> =>
  inContractHouse(async (house) => {
    const [first, second] = [await house.join(), await house.join()]
    const [run, others] = await Promise.all([
      wholeRun(house, first, "first"),
      extent === "all" ? wholeRun(house, second, "second") : uploads(house, second, "second")
    ])
    const all = [...run, ...others, ...(await operatorsRun(house))]
    assert.deepStrictEqual(all.flatMap(faultsOf), [])
    const codes = all.flatMap(({ envelope }) => envelope?.error?.code ?? [])
    assert.deepStrictEqual([...new Set(codes)], ["CONTENT_POLICY_DENIED"])
    if (extent === "some") {
      // A short round of what fuzz.long.test.ts does at length, while the house is open.
      const spare = await house.join()
      const { faults } = await fuzz(house, { agent: first, spare }, idsIn(run), { count: 3, seed: 20_261_122 })
      assert.deepStrictEqual(faults, [])
    }
    const upload = others.find(({ asked }) => asked.path === "/v1/upload")
    if (upload === undefined) throw new Error("the run uploads nothing")
    const before = await holdings(house, first)
    const { asked, found } = await leaks(house, run, { token: second, asset: at(upload, "asset", "asset_id") }, extent)
    assert.deepStrictEqual(found, [])
    assert.deepStrictEqual(await mixed(house, run, second), [])
    assert.deepStrictEqual(await mixed(house, others, first), [])
    assert.deepStrictEqual(await holdings(house, first), before)
    if (extent === "all") {
      // The same questions of the owner find what there is: they would have found a leak.
      const owner = await leaks(house, run, { token: first, asset: at(upload, "asset", "asset_id") }, "some")
      assert.isAbove(owner.found.length, 10)
    }
    return asked
  })
