import { assert, describe, it } from "@effect/vitest"
import { assertNone, assertSome } from "@effect/vitest/utils"
import { Effect, type Layer, Option } from "effect"
import { SecretHash } from "../../identity/Agent.ts"
import { type Invite, InviteStore } from "../../identity/InviteStore.ts"
import { InviteId } from "../../kernel/Ids.ts"
import { Transaction } from "../../kernel/Transaction.ts"
import { allPages } from "./allPages.ts"
import { numbers } from "./samples.ts"

const hash = (name: number) => SecretHash.make(name.toString(16).padStart(64, "0"))

const sampleInvite = (name: number, changes: Partial<Invite> = {}): Invite => ({
  id: InviteId.make(`invite_${name}`),
  codeHash: hash(name),
  note: null,
  usesLeft: 1,
  grants: null,
  expiresAt: 2_000,
  createdAt: 1_000,
  ...changes
})

/** What every `InviteStore` promises. */
export const inviteStoreSuite = <E>(name: string, layer: Layer.Layer<InviteStore | Transaction, E>) =>
  describe(`InviteStore / ${name}`, () => {
    const run = <A, E2>(effect: Effect.Effect<A, E2, InviteStore | Transaction>) => Effect.provide(effect, layer)

    it.effect("is used as often as it says and until it expires, however many ask at a time", () =>
      run(
        Effect.gen(function* () {
          const invites = yield* InviteStore
          yield* invites.insert(sampleInvite(1, { usesLeft: 3 }))
          yield* invites.insert(sampleInvite(2, { grants: ["create"] }))
          const used = yield* Effect.forEach(numbers(10), () => invites.consume(hash(1), 1_999), {
            concurrency: "unbounded"
          })
          assert.strictEqual(used.filter(Option.isSome).length, 3)
          assertNone(yield* invites.consume(hash(2), 2_000))
          assertNone(yield* invites.consume(hash(3), 1_000))
          assertSome(yield* invites.consume(hash(2), 1_999), { grants: ["create"] })
        })
      )
    )

    it.effect("gives a use back when its transaction fails, and none once it is closed", () =>
      run(
        Effect.gen(function* () {
          const invites = yield* InviteStore
          yield* invites.insert(sampleInvite(1))
          const used = Effect.zipRight(invites.consume(hash(1), 1_000), Effect.fail("no"))
          yield* Effect.exit((yield* Transaction).run(used))
          assertSome(yield* invites.consume(hash(1), 1_000), { grants: null })
          yield* invites.insert(sampleInvite(2, { usesLeft: 5 }))
          assert.isTrue(yield* invites.close(InviteId.make("invite_2")))
          assert.isFalse(yield* invites.close(InviteId.make("invite_9")))
          assertNone(yield* invites.consume(hash(2), 1_000))
        })
      )
    )

    it.effect("lists the newest first", () =>
      run(
        Effect.gen(function* () {
          const invites = yield* InviteStore
          for (const one of numbers(3)) yield* invites.insert(sampleInvite(one, { note: `for team ${one}` }))
          assert.deepStrictEqual(
            yield* allPages(2, invites.list),
            [3, 2, 1].map((one) => sampleInvite(one, { note: `for team ${one}` }))
          )
        })
      )
    )
  })
