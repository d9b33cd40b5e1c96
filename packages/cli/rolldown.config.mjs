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

/**
 * What scripts/facts wrote is JSON, as text: V8 keeps a text as it is, where it would compile what a literal is made by. It
 * is read by the first call that looks into that catalogue.
 *
 * @type {import("rolldown").Plugin}
 */
const factsAsText = {
  name: "facts-as-text",
  transform: {
    filter: { id: /\.generated\.ts$/ },
    handler: (code) => {
      const asText = code.replace(/=> (\[\n.*?\n\])\)$/gms, (_, list) => {
        const text = JSON.stringify(JSON.parse(list))
        return `=> JSON.parse(${JSON.stringify(text)}))`
      })
      if (asText === code) throw new Error("generated facts are written in another way now")
      return asText
    }
  }
}

/**
 * One ellipsis makes V8 keep all of a file in two bytes a character, and Node decode it slowly: what is not ASCII is
 * escaped. (It stands in strings and patterns only, and in no raw template.)
 *
 * @type {import("rolldown").Plugin}
 */
const asciiOnly = {
  name: "ascii-only",
  generateBundle: (_, files) => {
    for (const file of Object.values(files)) {
      if (file.type !== "chunk") continue
      file.code = file.code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
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
    plugins: [cheapLibcLook, factsAsText, asciiOnly],
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
          {
            name: "ask",
            test: /(cli\/src\/(Perform|programs\/reading|internal\/network)|local\/likely)\.ts$/,
            priority: 3
          },
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
