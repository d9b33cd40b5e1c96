// Create an image in an app: plan it, see what it costs, make it, read its bytes. No server, no key.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openImageSkill } from "@image-skill/server/Library"

const folder = mkdtempSync(join(tmpdir(), "image-skill-"))
const skill = openImageSkill({ dataDirectory: join(folder, "data") })

const wishes = {
  prompt: "misty mountains at sunset, screen print",
  aspectRatio: "3:2",
  parameters: { seed: 7 },
  maxUsd: "0.10",
  // The same key again answers with the same job, and pays nothing.
  idempotencyKey: "readme-picture"
}

const plan = await skill.plan(wishes)
console.log(`${plan.status}: ${plan.creditsRequired} credits`)

const made = await skill.create(wishes)
const again = await skill.create(wishes)
for (const asset of made.assets) {
  const bytes = await skill.download(asset.asset_id)
  writeFileSync(join(folder, "sunset.png"), bytes)
  console.log(
    `${asset.mime_type}, ${asset.width}x${asset.height}, ${bytes.length} bytes; same job: ${again.jobId === made.jobId}`
  )
}

await skill.close()
rmSync(folder, { recursive: true })

// prints:
// planned: 0 credits
// image/png, 1248x832, * bytes; same job: true
