import { assert, describe, it } from "@effect/vitest"
import { mapSaid, outgoing, withoutSecrets } from "../../src/feedback/Redaction.ts"
import type { Signal } from "../../src/feedback/Signal.ts"
import { AgentId, FeedbackId, OrganizationId, TraceId } from "../../src/kernel/Ids.ts"

const signalOf = (body: string): Signal => ({
  id: FeedbackId.make("sig_1"),
  organizationId: OrganizationId.make("org_one"),
  agentId: AgentId.make("agt_one"),
  traceId: TraceId.make("trace_one"),
  type: "user_feedback",
  severity: "low",
  confidence: "low",
  nextState: "watch",
  source: "org_one",
  said: {
    title: null,
    body,
    command: null,
    expected: null,
    actual: null,
    friction: null,
    proof_needed: null,
    strategic_reason: null
  },
  surface: [],
  evidence: [],
  aboutTraceId: null,
  dedupeKey: "org_one",
  idempotencyKey: "org_one",
  requestHash: "ab",
  createdAt: 1
})

describe("what leaves the house of feedback", () => {
  const hex = "0123456789abcdef0123456789abcdef"
  const cases: ReadonlyArray<readonly [string, string]> = [
    [`see image_${hex}.png`, "see [redacted asset]"],
    [`http://h/a/thumb_x1 and mask_${"z".repeat(20)}`, "http://h/a/[redacted asset] and [redacted asset]"],
    ["mask_asset_id, image_url and file_name are names", "mask_asset_id, image_url and file_name are names"],
    [`create --prompt "a \\"red\\" fox" --json`, "create --prompt [redacted prompt] --json"],
    ["create --prompt='a fox' --n 1", "create --prompt=[redacted prompt] --n 1"],
    ['{"prompt": "a fox", "model": "m"}', '{"prompt": [redacted prompt], "model": "m"}'],
    [`Authorization: Bearer ${hex}`, "Authorization: [redacted token]"],
    [`isk_r_${hex} and sk-proj-${hex}`, "[redacted token] and [redacted token]"]
  ]
  for (const [said, told] of cases)
    it(`"${said.slice(0, 40)}"`, () => {
      assert.strictEqual(outgoing(signalOf(said)).said.body, told)
    })

  it("names nobody, and its keys stay", () => {
    assert.notInclude(JSON.stringify(outgoing(signalOf("x"))), "org_one")
    assert.notInclude(JSON.stringify(outgoing(signalOf("x"))), "agt_one")
  })

  it("is not slow on texts that are made to be", () => {
    for (const piece of ["image_", 'image_."', '--prompt "\\', "isk_a", "Bearer ", '"prompt":"\\']) {
      const started = performance.now()
      mapSaid(signalOf(piece.repeat(20_000 / piece.length)).said, withoutSecrets)
      outgoing(signalOf(piece.repeat(20_000 / piece.length)))
      assert.isBelow(performance.now() - started, 500, piece)
    }
  })
})
