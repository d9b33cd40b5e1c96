// Effects that are made and never run, found by the Effect language service: `effect-tsgo` knows the types, oxlint does
// not. It is told its rules here: without them it checks no file at all and reports success.
import { capture } from "./run.mjs"

const rules = {
  diagnostics: true,
  diagnosticSeverity: {
    floatingEffect: "error",
    // An unknown cause is mapped to a typed error a line later; where it is not, the compiler sees `unknown` and says so.
    unknownInEffectCatch: "off",
    globalErrorInEffectFailure: "off"
  }
}

/** @param {string} project path of a tsconfig */
export const floatingEffects = async (project) => {
  const { code, output } = await capture("effect-tsgo", [
    ...["diagnostics", "--project", project, "--format", "text", "--severity", "error,warning", "--strict"],
    ...["--lspconfig", JSON.stringify(rules)]
  ])
  const checked = Number(/Checked (\d+) files/.exec(output)?.[1] ?? 0)
  return { ok: code === 0 && checked > 0, checked, output }
}

if (process.argv[1]?.endsWith("effects.mjs")) {
  const { ok, checked, output } = await floatingEffects(process.argv[2] ?? "tsconfig.check.json")
  console.log(output.trim())
  if (checked === 0) console.log("no file was checked: is the project file right?")
  process.exit(ok ? 0 : 1)
}
