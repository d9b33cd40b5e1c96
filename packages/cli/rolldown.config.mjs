// The CLI as few small files: start-up is a feature, and 400 modules from disk cost more than the work they do.
// What is imported with `import()` becomes a chunk of its own, read only when a command needs it.
import { fileURLToPath } from "node:url"
import { defineConfig } from "rolldown"

const here = fileURLToPath(new URL(".", import.meta.url))

// Packages that find files of their own on disk at run time (binaries, fonts) must stay where npm put them.
// The drawing worker needs no line here: it is found with `require.resolve`, which a bundler leaves alone.
const external = [/^node:/, /^sharp(\/|$)/, /^libsql(\/|$)/, /^opentype\.js(\/|$)/, /^@fontsource\//, /\.node$/]

export default defineConfig({
  cwd: here,
  input: { bin: "src/bin.ts" },
  platform: "node",
  external,
  resolve: { conditionNames: ["source", "module", "node", "import", "default"] },
  output: {
    dir: "dist",
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
    // Names stay: Effect prints them in spans and stack traces.
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } }
  }
})
