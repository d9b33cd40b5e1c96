import { assert, describe, it } from "@effect/vitest"
import { define, ProviderError } from "@image-skill/core/provider/Provider"
import { models } from "@image-skill/core/testing/fixtures"
