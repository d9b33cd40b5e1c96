import * as SqlClient from "@effect/sql/SqlClient"
import { Asset } from "@image-skill/core/assets/Asset"
import { type AssetQuery, AssetStore } from "@image-skill/core/assets/AssetStore"
import { AssetId, JobId, OrganizationId } from "@image-skill/core/kernel/Ids"
import { MediaType } from "@image-skill/core/kernel/Media"
import { pageOf, sequenceOf } from "@image-skill/core/kernel/Page"
import { Transaction } from "@image-skill/core/kernel/Transaction"
import { Array, Effect, Layer, Schema } from "effect"
import { column, Sequenced, sequenceMax } from "../sql/columns.ts"
import { orUnavailable } from "../sql/StorageProblem.ts"

const AssetRow = Schema.Struct({
  id: AssetId,
  organizationId: column("organization_id", OrganizationId),
  jobId: column("job_id", JobId),
  kind: Asset.fields.kind,
  mediaType: column("media_type", MediaType),
  bytes: Schema.Int,
  width: Schema.Int,
  height: Schema.Int,
  sha256: Schema.String,
  provenance: Asset.fields.provenance,
  createdAt: column("created_at", Schema.Int)
})
const decodeAssets = Schema.decodeUnknown(Schema.Array(AssetRow))
const decodeListed = Schema.decodeUnknown(Schema.Array(Schema.extend(AssetRow, Sequenced)))
const encodeAsset = Schema.encode(AssetRow)

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const transaction = yield* Transaction

  const insert = (asset: Asset) =>
    Effect.flatMap(encodeAsset(asset), (row) => sql`INSERT INTO assets ${sql.insert(row)} ON CONFLICT (id) DO NOTHING`)

  const list = (organization: OrganizationId, query: AssetQuery) =>
    sql`SELECT * FROM assets WHERE organization_id = ${organization}
        ${query.jobId === null ? sql`` : sql`AND job_id = ${query.jobId}`}
        ${query.kind === null ? sql`` : sql`AND kind = ${query.kind}`}
        AND sequence < ${sequenceOf(query.cursor) ?? sequenceMax}
        ORDER BY sequence DESC LIMIT ${query.limit + 1}`.pipe(
      Effect.flatMap(decodeListed),
      Effect.map((rows) =>
        pageOf(
          rows,
          query,
          ({ sequence: _, ...asset }) => asset,
          (row) => row.sequence
        )
      )
    )

  return AssetStore.of({
    insert: (assets) => transaction.run(orUnavailable(Effect.forEach(assets, insert, { discard: true }))),
    find: (organization, id) =>
      sql`SELECT * FROM assets WHERE id = ${id} AND organization_id = ${organization}`.pipe(
        Effect.flatMap(decodeAssets),
        Effect.map(Array.head),
        orUnavailable
      ),
    findByCapability: (id) =>
      sql`SELECT * FROM assets WHERE id = ${id}`.pipe(
        Effect.flatMap(decodeAssets),
        Effect.map(Array.head),
        orUnavailable
      ),
    list: (organization, query) => orUnavailable(list(organization, query)),
    remove: (organization, id) =>
      sql`DELETE FROM assets WHERE id = ${id} AND organization_id = ${organization} RETURNING id`.pipe(
        Effect.map((rows) => rows.length > 0),
        orUnavailable
      )
  })
})

/** What is known of assets, in SQL. */
export const layer = Layer.effect(AssetStore, make)
