import { providerSuite } from "@image-skill/core/testing/providerSuite"
import { local } from "@image-skill/providers/local/plugin"

providerSuite("local", local, {
  // Enlarging has no default: a size must be asked for.
  sample: (model) => (model.id === "local.resize" ? { parameters: { scale: 2 } } : {})
})
