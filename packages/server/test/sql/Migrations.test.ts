import { join } from "node:path"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as LibsqlClient from "../../src/sql/LibsqlClient.ts"
import { latestVersion, migrations } from "../../src/sql/Migrations.ts"
import { temporaryFolder } from "../stores/temporary.ts"

const versions = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT version FROM migrations ORDER BY version`)

describe("Migrations", () => {
  it("are numbered 1, 2, 3 and so on", () => {
    assert.deepStrictEqual(
      migrations.map((migration) => migration.version),
      migrations.map((_, index) => index + 1)
    )
  })

  it.scoped("are applied once", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "data.db")
      const open = Effect.provide(versions, LibsqlClient.layer({ file }))
      const expected = migrations.map(({ version }) => ({ version }))
      assert.deepStrictEqual(yield* open, expected)
      assert.deepStrictEqual(yield* open, expected)
    })
  )

  it.scoped("refuse a database that a newer version has written, and leave it alone", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "data.db")
      const newer = latestVersion + 1
      const write = Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`INSERT INTO migrations (version, name, applied_at) VALUES (${newer}, 'from tomorrow', 0)`
      )
      yield* Effect.provide(write, LibsqlClient.layer({ file }))
      const error = yield* Effect.flip(Effect.provide(versions, LibsqlClient.layer({ file })))
      assert.include(error.message, `schema ${newer}, this one knows ${latestVersion}`)
    })
  )
})
