import { providerSuite } from "@image-skill/core/testing/providerSuite"
import { unwired } from "@image-skill/providers/unwired/plugins"

for (const plugin of unwired) providerSuite(plugin.id, plugin)
