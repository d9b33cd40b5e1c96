import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, FastCheck, Schema } from "effect"
import { prometheusText } from "../../src/telemetry/prometheus.ts"

describe("prometheusText", () => {
  it("escapes labels and help, and adds up the buckets of a histogram", () => {
    const text = prometheusText([
      {
        name: "image_skill_x_total",
        description: "a \\ b\nc",
        type: "counter",
        points: [{ labels: [["model", 'a"b\\c\nd']], value: { kind: "number", number: 3 } }]
      },
      {
        name: "image_skill_y_seconds",
        description: "y",
        type: "histogram",
        points: [{ labels: [], value: { kind: "histogram", bounds: [0.5, 1], counts: [2, 1, 4], count: 7, sum: 12.5 } }]
      }
    ])
    assert.strictEqual(
      text,
      [
        "# HELP image_skill_x_total a \\\\ b\\nc",
        "# TYPE image_skill_x_total counter",
        'image_skill_x_total{model="a\\"b\\\\c\\nd"} 3',
        "",
        "# HELP image_skill_y_seconds y",
        "# TYPE image_skill_y_seconds histogram",
        'image_skill_y_seconds_bucket{le="0.5"} 2',
        'image_skill_y_seconds_bucket{le="1"} 3',
        'image_skill_y_seconds_bucket{le="+Inf"} 7',
        "image_skill_y_seconds_sum 12.5",
        "image_skill_y_seconds_count 7",
        ""
      ].join("\n")
    )
  })

  it("keeps every sample on a line of its own, whatever a label says", () => {
    const label = Arbitrary.make(Schema.String)
    FastCheck.assert(
      FastCheck.property(label, label, FastCheck.double(), (name, value, number) => {
        const text = prometheusText([
          {
            name: "image_skill_z",
            description: value,
            type: "gauge",
            points: [{ labels: [[name, value]], value: { kind: "number", number } }]
          }
        ])
        const lines = text.split("\n").filter((line) => line !== "")
        assert.lengthOf(lines, 3)
        assert.match(
          lines[2] ?? "",
          /^image_skill_z\{[A-Za-z0-9_]*="(?:[^"\\\n]|\\["\\n])*"\} (?:NaN|[+-]Inf|[-+.e\d]+)$/
        )
      })
    )
  })
})
