import { clamp, mix } from "../Colour.ts"
import { type Finish, writeColour } from "./Finish.ts"
import { depthIn, stackOf } from "./InkStack.ts"

/** A handful of flat colours with clean edges: no grain, no texture, no border. */
export const minimal: Finish = (scene) => {
  const { width, height, pixels } = scene.canvas
  const stack = stackOf(mix(scene.palette.tones[5], [1, 1, 1], 0.25), scene.palette.tones.slice(0, 5))
  const depth = depthIn(stack)
  const bytes = new Uint8Array(width * height * 3)
  for (let offset = 0; offset < bytes.length; offset += 3) {
    const deep = depth(pixels[offset] ?? 0, pixels[offset + 1] ?? 0, pixels[offset + 2] ?? 0)
    const level = Math.floor(deep)
    // A narrow slope between two flat tones keeps edges smooth without showing as a gradient.
    const between = clamp((deep - level - 0.5) / 0.09 + 0.5)
    const [red, green, blue] = mix(stack[level] ?? stack[0], stack[level + 1] ?? stack[level] ?? stack[0], between)
    writeColour(bytes, offset, red, green, blue)
  }
  return bytes
}
