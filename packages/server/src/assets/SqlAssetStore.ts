import * as SqlClient from "@effect/sql/SqlClient"
import type { Statement } from "@effect/sql/Statement"
import { Asset } from "@image-skill/core/assets/Asset"
import { type AssetQuery, AssetStore } from "@image-skill/core/assets/AssetStore"
import { AssetId, JobId, OrganizationId, RunId } from "@image-skill/core/kernel/Ids"
import { MediaType } from "@image-skill/core/kernel/Media"
import { pageOf, sequenceOf } from "@image-skill/core/kernel/Page"
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
  createdAt: column("created_at", Schema.Int),
  deletedAt: Schema.optionalWith(Schema.Int, { exact: true, nullable: true }).pipe(Schema.fromKey("deleted_at"))
})
const decodeAssets = Schema.decodeUnknown(Schema.Array(AssetRow))
const decodeListed = Schema.decodeUnknown(Schema.Array(Schema.extend(AssetRow, Sequenced)))
const decodeAwaited = Schema.decodeUnknown(Schema.Array(Schema.Struct({ key: Schema.String, run: RunId })))
const encodeAssets = Schema.encode(Schema.Array(AssetRow))

const make = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient

  /** The same text as in the indexes: with other words they would not be used. */
  const isThere = sql.literal("deleted_at IS NULL")

  const insert = (assets: ReadonlyArray<Asset>) =>
    assets.length === 0
      ? Effect.void
      : Effect.flatMap(encodeAssets(assets), (rows) => {
          // The first row's keys are the columns of all.
          const whole = rows.map((row) => ({ ...row, deleted_at: row.deleted_at ?? null }))
          return sql`INSERT INTO assets ${sql.insert(whole)} ON CONFLICT (id) DO NOTHING`
        })

  /** A job's assets are few, a kind's are many: with both, the column is hidden from the choice of an index. */
  const kindIs = ({ jobId, kind }: AssetQuery) =>
    kind === null ? sql`` : jobId === null ? sql`AND kind = ${kind}` : sql`AND kind || '' = ${kind}`

  const list = (organization: OrganizationId, query: AssetQuery) =>
    sql`SELECT * FROM assets WHERE organization_id = ${organization}
        ${query.jobId === null ? sql`` : sql`AND job_id = ${query.jobId}`}
        ${kindIs(query)}
        AND ${isThere} AND sequence < ${sequenceOf(query.cursor) ?? sequenceMax}
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

  const all = (rows: Statement<object>) => orUnavailable(Effect.flatMap(rows, decodeAssets))
  const one = (rows: Statement<object>) => Effect.map(all(rows), Array.head)

  return AssetStore.of({
    insert: (assets) => Effect.asVoid(orUnavailable(insert(assets))),
    find: (organization, id) =>
      one(sql`SELECT * FROM assets WHERE id = ${id} AND organization_id = ${organization} AND ${isThere}`),
    findByCapability: (id) => one(sql`SELECT * FROM assets WHERE id = ${id} AND ${isThere}`),
    list: (organization, query) => orUnavailable(list(organization, query)),
    ofJob: (organization, job) =>
      all(sql`SELECT * FROM assets WHERE organization_id = ${organization} AND job_id = ${job} ORDER BY sequence`),
    deletedOf: (organization, ids) =>
      ids.length === 0
        ? Effect.succeed([])
        : all(sql`SELECT * FROM assets WHERE id IN ${sql.in(ids)} AND organization_id = ${organization}
                  AND deleted_at IS NOT NULL`),
    remove: (organization, id, at) =>
      sql`UPDATE assets SET deleted_at = ${at}
          WHERE id = ${id} AND organization_id = ${organization} AND ${isThere} RETURNING id`.pipe(
        Effect.map((rows) => rows.length > 0),
        orUnavailable
      ),
    toErase: (limit) =>
      all(sql`SELECT * FROM assets WHERE deleted_at IS NOT NULL AND erased_at IS NULL
              ORDER BY deleted_at, sequence LIMIT ${limit}`),
    erased: (id, at) =>
      sql`UPDATE assets SET erased_at = ${at} WHERE id = ${id} AND deleted_at IS NOT NULL`.pipe(
        Effect.asVoid,
        orUnavailable
      ),
    await: (blob) => orUnavailable(Effect.asVoid(sql`INSERT INTO awaited_blobs ${sql.insert({ ...blob })}`)),
    arrived: (key) => orUnavailable(Effect.asVoid(sql`DELETE FROM awaited_blobs WHERE key = ${key}`)),
    awaited: (limit) =>
      orUnavailable(Effect.flatMap(sql`SELECT key, run FROM awaited_blobs ORDER BY key LIMIT ${limit}`, decodeAwaited))
  })
})

/** What is known of assets, in SQL. A deleted asset is a row with the time of its deletion. */
export const layer = Layer.effect(AssetStore, make)
