import { assert, it } from "@effect/vitest"
import { retryAfterSeconds } from "../../src/internal/retryAfter.ts"

const date = "Sun, 22 Nov 2026 10:00:00 GMT"

const cases: ReadonlyArray<readonly [string, { readonly [name: string]: string }, number | null]> = [
  ["seconds", { "retry-after": "17" }, 17],
  ["milliseconds before seconds, rounded up", { "retry-after-ms": "1500", "retry-after": "9" }, 2],
  ["a date, from the answer's own clock", { date, "retry-after": "Sun, 22 Nov 2026 10:00:30 GMT" }, 30],
  ["a date that has passed as now", { date, "retry-after": "Sun, 22 Nov 2026 09:00:00 GMT" }, 0],
  ["an hour of a year", { "retry-after": "31536000" }, 3600],
  ["nothing of a date without a clock", { "retry-after": "Sun, 22 Nov 2026 10:00:30 GMT" }, null],
  ["nothing of words", { date, "retry-after": "soon" }, null],
  ["nothing of an empty header", { date, "retry-after": "" }, null],
  ["nothing without the header", { date }, null]
]

for (const [name, headers, expected] of cases) {
  it(`reads ${name}`, () => assert.strictEqual(retryAfterSeconds(headers), expected))
}
