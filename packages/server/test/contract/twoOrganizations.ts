import { assert } from "@effect/vitest"
import { fuzz } from "./fuzz.ts"
import { type House, inContractHouse } from "./house.ts"
import { type Extent, leaks, mixed } from "./isolation.ts"
import { faultsOf } from "./judge.ts"
import { idsIn } from "./slots.ts"
import { at, operatorsRun, wholeRun } from "./wholeRun.ts"

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
    const [run, others] = await Promise.all([wholeRun(house, first, "first"), wholeRun(house, second, "second")])
    const all = [...run, ...others, ...(await operatorsRun(house))]
    assert.deepStrictEqual(all.flatMap(faultsOf), [])
    assert.deepStrictEqual(
      all.flatMap(({ envelope }) => envelope?.error?.code ?? []),
      ["CONTENT_POLICY_DENIED", "CONTENT_POLICY_DENIED"]
    )
    const upload = others.find(({ asked }) => asked.path === "/v1/upload")
    if (upload === undefined) throw new Error("the run uploads nothing")
    if (extent === "some") {
      // A short round of what fuzz.long.test.ts does at length, while the house is open.
      const spare = await house.join()
      const { faults } = await fuzz(house, { agent: second, spare }, idsIn(others), { count: 3, seed: 20_261_122 })
      assert.deepStrictEqual(faults, [])
    }
    const before = await holdings(house, first)
    const { asked, found } = await leaks(house, run, { token: second, asset: at(upload, "asset", "asset_id") }, extent)
    assert.deepStrictEqual(found, [])
    assert.deepStrictEqual(await mixed(house, run, second), [])
    assert.deepStrictEqual(await mixed(house, others, first), [])
    assert.deepStrictEqual(await holdings(house, first), before)
    return asked
  })
