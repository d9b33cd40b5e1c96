// The CLI as few small files: start-up is a feature, and 400 modules from disk cost more than the work they do.
// What is imported with `import()` becomes a chunk of its own, read only when a command needs it.
import { fileURLToPath } from "node:url"
import { defineConfig } from "rolldown"

const here = fileURLToPath(new URL(".", import.meta.url))

// Packages that find files of their own on disk at run time (binaries, fonts) must stay where npm put them.
const external = [/^node:/, /^sharp(\/|$)/, /^@libsql\//, /^opentype\.js(\/|$)/, /^@fontsource\//, /\.node$/]

const asksReport = "const report = process.report?.getReport();"

/**
 * libsql asks Node for a whole diagnostic report to learn the C library of this machine, which takes 10 to 20 ms of every
 * create. The package that it asks next looks into a file.
 *
 * @type {import("rolldown").Plugin}
 */
const cheapLibcLook = {
  name: "cheap-libc-look",
  transform: {
    filter: { id: /@neon-rs\/load\/dist\/index\.js$/ },
    handler: (code) => {
      if (!code.includes(asksReport)) throw new Error("@neon-rs/load asks for the C library in another way now")
      return code.replace(asksReport, 'if (require("detect-libc").familySync() === "glibc") return true; $&')
    }
  }
}

/** @param {Record<string, string>} input */
const bundle = (input) =>
  defineConfig({
    cwd: here,
    input,
    platform: "node",
    external,
    plugins: [cheapLibcLook],
    resolve: { conditionNames: ["source", "module", "node", "import", "default"] },
    output: {
      // Aside: scripts/build.mjs puts it in place.
      dir: "build/bundle",
      // CommonJS, because Node 20 can keep V8's compiled code of that only; bin/image-skill.js does so.
      format: "cjs",
      // What stays an `import()` could not be resolved from cached code.
      dynamicImportInCjs: false,
      entryFileNames: "[name].cjs",
      chunkFileNames: "[name]-[hash].cjs",
      // A file that is opened costs as much as what stands in most of them. One has what every command loads, the others
      // what more is loaded for a question to a server, for a program that is an Effect, and for a create.
      codeSplitting: {
        groups: [
          { name: "begin", test: /cli\/src\/Dispatch\.ts$/, priority: 4 },
          { name: "ask", test: /cli\/src\/(Perform|programs\/reading|internal\/network)\.ts$/, priority: 3 },
          { name: "run", test: /cli\/src\/(main|internal\/(fields|files|saving))\.ts$/, priority: 2 },
          { name: "make", test: /cli\/src\/programs\/create\.ts$/, priority: 1 }
        ]
      },
      // Names stay: Effect prints them in spans and stack traces.
      minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } }
    }
  })

// The thread that draws is bundled for itself, so that it shares no chunk, and so no framework, with the CLI.
export default [bundle({ bin: "src/bin.ts" }), bundle({ "drawing-thread": "../providers/src/local/worker.ts" })]
