import { Context, Layer } from "effect"

/** Where this house serves the bytes of its assets: a base that ends with `/a/`. */
export class MediaOrigin extends Context.Tag("@image-skill/core/MediaOrigin")<
  MediaOrigin,
  { readonly base: string }
>() {
  static readonly layer = (base: string) => Layer.succeed(this, { base })

  /** Embedded mode serves no HTTP: its URLs are names, for `assets show` and `assets get` of the same data folder. */
  static readonly layerEmbedded = this.layer("http://image-skill.localhost/a/")
}
