#!/usr/bin/env node
// Starts the CLI. CommonJS, with V8's compiled code kept between runs: compiling what embedded mode needs is half of
// the time of a dry run. The cache is a convenience: whatever is wrong with it, the CLI runs without.
// IMAGE_SKILL_CODE_CACHE=off keeps none.
"use strict"

const fs = require("node:fs")
const Module = require("node:module")
const path = require("node:path")
const vm = require("node:vm")

const dist = path.join(__dirname, "..", "dist")
const bundle = path.join(dist, "bin.cjs")

/**
 * Node's own recursive one never ends below a folder that exists and denies it with ENOENT, such as `/proc`.
 *
 * @param {string} folder
 */
const makeFolder = (folder) => {
  if (fs.existsSync(folder)) return
  makeFolder(path.dirname(folder))
  try {
    fs.mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    // Another process may have been faster.
    if (!fs.existsSync(folder)) throw error
  }
}

/** A folder that only this user can write: what lies in it is run. Undefined where there is none. */
const cacheFolder = () => {
  const { IMAGE_SKILL_CODE_CACHE: wanted, XDG_CACHE_HOME: xdg, HOME: home } = process.env
  if (wanted === "off" || process.getuid === undefined) return undefined
  const base = xdg?.startsWith("/") ? xdg : home ? path.join(home, ".cache") : undefined
  if (base === undefined) return undefined
  const { version } = require("../package.json")
  const folder = path.join(base, "image-skill", `code-${version}-node-${process.versions.node}-${process.arch}`)
  try {
    makeFolder(folder)
    const { uid, mode } = fs.statSync(folder)
    return uid === process.getuid() && (mode & 0o022) === 0 ? folder : undefined
  } catch {
    return undefined
  }
}

/** @param {string} file */
const readIfThere = (file) => {
  try {
    return fs.readFileSync(file)
  } catch {
    return undefined
  }
}

/**
 * Writes aside and renames: two first runs at once must not read each other's halves.
 *
 * @param {string} file
 * @param {Buffer} data
 */
const save = (file, data) => {
  const part = `${file}.${process.pid}`
  try {
    fs.writeFileSync(part, data, { mode: 0o600 })
    fs.renameSync(part, file)
  } catch {
    fs.rmSync(part, { force: true })
  }
}

/**
 * Before Node 22.8, which caches by itself, each chunk of ours is compiled here, from its cache where it has one.
 *
 * @param {string} folder
 */
const cacheByHand = (folder) => {
  /** @type {Array<{ readonly file: string, readonly script: vm.Script }>} */
  const fresh = []
  const compileAsUsual = require.extensions[".js"]
  require.extensions[".cjs"] = (module, filename) => {
    const source = fs.readFileSync(filename, "utf8")
    // V8 knows a source by its length alone, so the name of the cache must tell builds apart.
    const { size, mtimeMs } = fs.statSync(filename)
    const file = path.join(folder, `${path.basename(filename)}-${size}-${mtimeMs}`)
    const cachedData = path.dirname(filename) === dist ? readIfThere(file) : undefined
    // Code from a cache has lost where its `import()` would lead. The bundle has none; if one slips in, it still works.
    if (cachedData === undefined && (path.dirname(filename) !== dist || /\bimport\(/.test(source))) {
      compileAsUsual?.(module, filename)
      return
    }
    const script = new vm.Script(Module.wrap(source), { filename, ...(cachedData === undefined ? {} : { cachedData }) })
    if (cachedData === undefined || script.cachedDataRejected === true) fresh.push({ file, script })
    /** @type {unknown} */
    const run = script.runInThisContext()
    if (typeof run !== "function") throw new TypeError("a wrapped module is a function")
    Reflect.apply(run, module.exports, [module.exports, Module.createRequire(filename), module, filename, dist])
  }
  // At the end, when the functions that a run needs have been compiled too.
  process.on("exit", () => {
    for (const { file, script } of fresh) save(file, script.createCachedData())
  })
}

/** @param {string} folder */
const cacheIn = (folder) => {
  // The types are Node 20's, which has no cache of its own.
  const own = "enableCompileCache" in Module ? Module.enableCompileCache : undefined
  if (typeof own === "function") Reflect.apply(own, Module, [folder])
  else cacheByHand(folder)
}

/**
 * The answer where the program's own files are missing or broken: nothing of it runs that could answer.
 *
 * @param {unknown} defect
 */
const answerBroken = (defect) => {
  const error = {
    code: "INTERNAL",
    message: "Image Skill cannot start: its installation is incomplete or broken. stderr has more",
    retryable: false,
    recovery: { suggested_command: "npm install -g image-skill@latest" }
  }
  const trace = `trace_${require("node:crypto").randomBytes(16).toString("hex")}`
  const envelope = { ok: false, command: "image-skill", trace_id: trace, actor: null, data: null, warnings: [], error }
  const [line] = String(defect instanceof Error ? defect.message : defect).split("\n", 1)
  process.exitCode = 1
  process.stdout.write(`${JSON.stringify(envelope)}\n`)
  process.stderr.write(`defect: ${line}\n`)
}

const folder = cacheFolder()
if (folder !== undefined) cacheIn(folder)
try {
  require(bundle)
} catch (defect) {
  answerBroken(defect)
}
