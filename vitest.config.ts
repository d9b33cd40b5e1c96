import { defineConfig } from "vitest/config"

// Our own packages are read from their sources, so that a test never sees yesterday's build.
const conditions = ["source", "module", "node", "import", "default"]

// `npm test` leaves the long ones to `npm run check`.
const isWhole = process.env["IMAGE_SKILL_TESTS"] === "all"

export default defineConfig({
  ssr: { resolve: { conditions } },
  resolve: { conditions },
  test: {
    include: ["packages/*/test/**/*.test.ts", "scripts/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", ...(isWhole ? [] : ["**/*.long.test.ts"])],
    reporters: ["default", ["json", { outputFile: "node_modules/.cache/vitest.json" }]],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    pool: "forks",
    // A worker loads Effect once, and not again for each of its files: that was half of the time of a run. So a test
    // leaves nothing behind in a module, in the environment or on the clock.
    isolate: false,
    maxWorkers: 2
  }
})
