// The closing line of a test run, from the report that vitest itself wrote: "N passed, N failed, N skipped".
import { readFileSync } from "node:fs"

/** @type {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number, testResults: ReadonlyArray<{ status: string, assertionResults: ReadonlyArray<unknown> }> }} */
const report = JSON.parse(readFileSync(process.argv[2] ?? "node_modules/.cache/vitest.json", "utf8"))
// A file that could not even be loaded has no test to count, and is a failure all the same.
const broken = report.testResults.filter(
  ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0
)
const skipped = report.numPendingTests + report.numTodoTests
const tail = skipped > 0 ? `, ${skipped} skipped` : ""
console.log(`${report.numPassedTests} passed, ${report.numFailedTests + broken.length} failed${tail}`)
