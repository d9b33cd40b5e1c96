import { Option } from "effect"
import type { AspectRatioControl } from "../../catalog/Model.ts"
import { type Dimensions, fit, Proportion, type Ratio, ratioOf } from "../../kernel/Media.ts"

type Sides = Extract<AspectRatioControl, { kind: "dimensions" }>

/** The sides that a model with free ones makes of a ratio. */
export const sidesOf = (control: Sides, ratio: Ratio): Dimensions =>
  fit(ratio, { pixels: control.pixels, multipleOf: 8 })

export const areMade = (control: Sides, { width, height }: Dimensions): boolean =>
  Math.min(width, height) >= control.sideMin && Math.max(width, height) <= control.sideMax

const common = ["1:1", "4:3", "3:4", "3:2", "2:3", "16:9", "9:16", "2:1", "1:2", "21:9", "9:21"].map((text) =>
  Proportion.make(text)
)

/** The ratios that a model names, or, where it makes any, those that are often asked for. */
export const ratiosOf = (control: AspectRatioControl): ReadonlyArray<string> => {
  switch (control.kind) {
    case "none":
      return ["1:1", "auto"]
    case "parameter":
      return control.values
    case "sizes":
      return Object.keys(control.sizes)
    case "dimensions":
      return common.filter((text) => Option.exists(ratioOf(text), (ratio) => areMade(control, sidesOf(control, ratio))))
  }
}

/** What may stand in a request: 1:1 and auto are taken by every model. */
export const allowedRatios = (control: AspectRatioControl): ReadonlyArray<string> => [
  ...new Set([...ratiosOf(control), "1:1", "auto"])
]
