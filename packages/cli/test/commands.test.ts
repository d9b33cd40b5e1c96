import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { type Answering, refuse, reply, runIn, temporaryFolder } from "./support/host.ts"

let folder = temporaryFolder()
let run = runIn(folder.path)
beforeEach(() => {
  folder = temporaryFolder()
  run = runIn(folder.path)
})
afterEach(() => folder.remove())

/** What a user sees of the working folder, which is the home too. */
const written = () => readdirSync(folder.path).filter((name) => name !== ".local")

const at = (name: string) => join(folder.path, name)
/** A PNG of one pixel. */
const picture = new Uint8Array(
  Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
    "base64"
  )
)
const hash = createHash("sha256").update(picture).digest("hex")

const assetOf = (index: number) => ({
  asset_id: `image_${index}`,
  url: `http://image-skill.localhost/a/image_${index}.png`,
  mime_type: "image/png"
})

/** A server that makes `picture`, for every output asked for. */
const studio: Answering = ({ path, body }) => {
  if (path.startsWith("/a/")) {
    return new Response(picture, { headers: { "content-length": String(picture.length), etag: `"${hash}"` } })
  }
  if (path === "/v1/upload") return reply({ asset: { ...assetOf(0), asset_id: `image_up_${String(body.filename)}` } })
  if (path.startsWith("/v1/assets/")) {
    const id = path.slice("/v1/assets/".length)
    return id === "image_gone" ? refuse("ASSET_NOT_FOUND", 404) : reply({ asset: { ...assetOf(0), asset_id: id } })
  }
  if (body.dry_run === true) return reply({ job_id: null, dry_run: true, assets: [] })
  const count = typeof body.output_count === "number" ? body.output_count : 1
  return reply({ job_id: "job_1", status: "completed", assets: Array.from({ length: count }, (_, n) => assetOf(n)) })
}

const posts = (result: { readonly asked: ReadonlyArray<{ readonly method: string; readonly path: string }> }) =>
  result.asked.filter(({ method }) => method === "POST").map(({ path }) => path)

describe("create", () => {
  it("sends the flags as the wire names them, and the ratio always", async () => {
    const { asked } = await run(
      ["create", "--prompt", " as typed ", "--max-usd", "0.1", "--model-parameters-json", '{"seed":7}', "--dry-run"],
      { answering: studio }
    )
    expect(asked[0]?.body).toEqual({
      prompt: " as typed ",
      max_usd: 0.1,
      dry_run: true,
      aspect_ratio: "1:1",
      model_parameters: { seed: 7 }
    })
  })

  it("writes the image whole, and says where, how large and with which hash", async () => {
    const { envelope, exitCode, closed } = await run(["create", "--prompt", "x", "--output", "a.png"], {
      answering: studio
    })
    expect([exitCode, closed]).toEqual([0, 1])
    expect(envelope.command).toBe("image-skill create")
    expect(envelope.data?.output).toMatchObject({ path: "a.png", bytes: picture.length, sha256: hash })
    expect(readFileSync(at("a.png"))).toEqual(Buffer.from(picture))
    expect(written()).toEqual(["a.png"])
  })

  it("numbers several files", async () => {
    await run(["create", "--prompt", "x", "--output-count", "2", "--output", "a.b.png"], { answering: studio })
    expect(written().sort()).toEqual(["a.b-0.png", "a.b-1.png"])
  })

  it.each([
    ["a file that exists", "there.png", "OUTPUT_EXISTS"],
    ["a link that leads nowhere", "dangling.png", "OUTPUT_EXISTS"],
    ["a folder", "folder", "OUTPUT_WRITE_FAILED"],
    ["a folder that is missing", "missing/a.png", "OUTPUT_WRITE_FAILED"],
    ["a path through a file", "there.png/a.png", "OUTPUT_WRITE_FAILED"],
    ["a device", "/dev/null", "OUTPUT_WRITE_FAILED"],
    ["a folder where nobody can write", "/proc/a.png", "OUTPUT_WRITE_FAILED"],
    ["a name that is too long", `${"x".repeat(300)}.png`, "OUTPUT_WRITE_FAILED"]
  ])("refuses %s before anything is sent", async (_, output, code) => {
    writeFileSync(at("there.png"), "mine")
    mkdirSync(at("folder"))
    symlinkSync(at("nowhere"), at("dangling.png"))
    const { envelope, exitCode, asked, opened } = await run(["create", "--prompt", "x", "--output", output], {
      answering: studio
    })
    expect([exitCode, envelope.error?.code, asked.length, opened]).toEqual([9, code, 0, 0])
    expect(readFileSync(at("there.png"), "utf8")).toBe("mine")
  })

  it("suggests the same command with --overwrite, which then replaces the file", async () => {
    writeFileSync(at("a.png"), "old")
    const typed = ["create", "--prompt", "it's", "--output", "a.png"]
    const refused = await run(typed, { answering: studio })
    expect(refused.envelope.error?.recovery?.suggested_command).toBe(
      "image-skill create --prompt 'it'\\''s' --output a.png --overwrite"
    )
    await run([...typed, "--overwrite"], { answering: studio })
    expect(readFileSync(at("a.png"))).toEqual(Buffer.from(picture))
  })

  it.each([
    ["folder", "image-skill create --prompt x --output folder/image.png"],
    ["new/", "mkdir -p new/ && image-skill create --prompt x --output new/image.png"],
    ["no/such/a.png", "mkdir -p no/such && image-skill create --prompt x --output no/such/a.png"],
    ["/proc/there.png", "image-skill create --prompt x --output there-2.png"]
  ])("says for --output %s what would work, and that trying again would not", async (output, suggested) => {
    mkdirSync(at("folder"))
    writeFileSync(at("there.png"), "mine")
    const { envelope } = await run(["create", "--prompt", "x", "--output", output])
    expect([envelope.error?.recovery?.suggested_command, envelope.error?.retryable]).toEqual([suggested, false])
  })

  it("asks for consent with the command that gives it", async () => {
    const { envelope } = await run(["create", "--prompt-file", "-", "--data-dir", "d"], {
      stdin: "a pier",
      answering: () => refuse("BUDGET_REQUIRES_CONFIRMATION", 402)
    })
    expect(envelope.error?.recovery).toEqual({
      required_flag: "--accept-unknown-cost",
      suggested_command: "image-skill create --data-dir d --prompt 'a pier' --accept-unknown-cost"
    })
  })

  it("leaves no file behind, and says how to fetch the image, when the bytes do not come whole", async () => {
    const { envelope, exitCode } = await run(["create", "--prompt", "x", "--output", "a.png"], {
      answering: (asked) =>
        asked.path.startsWith("/a/") ? new Response(picture, { headers: { "content-length": "999" } }) : studio(asked)
    })
    expect([exitCode, envelope.error?.code]).toEqual([7, "ASSET_DOWNLOAD_FAILED"])
    expect(envelope.error?.details).toMatchObject({ job_id: "job_1", asset_id: "image_0" })
    expect(envelope.error?.recovery?.suggested_command).toBe("image-skill assets get image_0 --output a.png --json")
    expect(written()).toEqual([])
  })

  it("warns when the file's ending says another type", async () => {
    const { envelope } = await run(["create", "--prompt", "x", "--output", "a.jpg"], { answering: studio })
    expect(envelope.warnings.join()).toContain("image/png")
  })

  it("prints the in-flight line before it sends, with a command that takes the request up again", async () => {
    const { stderr, asked } = await run(["create", "--prompt-file", "-", "--json"], {
      answering: studio,
      stdin: "from stdin\n"
    })
    const { in_flight: line } = JSON.parse(stderr)
    expect(asked[0]?.body).toMatchObject({ prompt: "from stdin", idempotency_key: line.idempotency_key })
    expect(line.recover_command).toBe(
      `image-skill create --json --idempotency-key ${line.idempotency_key} --prompt 'from stdin'`
    )
  })

  it("follows a job that outlasts the server's window, under one key", async () => {
    let left = 2
    const { envelope, asked } = await run(["create", "--prompt", "x", "--idempotency-key", "k"], {
      answering: (one) => {
        left -= 1
        return left >= 0 ? reply({ job_id: "job_1", status: "running", assets: [] }, 202) : studio(one)
      }
    })
    expect(asked.map(({ body }) => body.idempotency_key)).toEqual(["k", "k", "k"])
    expect(envelope.data?.status).toBe("completed")
  })

  it.each([
    ['{"a":', "JSON"],
    ["[1]", "JSON"],
    ["7", "JSON"]
  ])("refuses %s as parameters", async (text) => {
    const { envelope, asked } = await run(["create", "--prompt", "x", "--model-parameters-json", text])
    expect([envelope.error?.code, asked.length]).toEqual(["INVALID_ARGUMENTS", 0])
    expect(envelope.error?.message).toContain("JSON object")
  })

  it("passes a refusal of the server on, with its exit code", async () => {
    const { envelope, exitCode } = await run(["create", "--prompt", "x"], {
      answering: () => refuse("BUDGET_EXCEEDED", 402, { "x-image-skill-exit-code": "5" })
    })
    expect([exitCode, envelope.error?.code, envelope.command]).toEqual([5, "BUDGET_EXCEEDED", "image-skill create"])
  })
})

describe("images that the user names", () => {
  it("uploads each file once, and recovers with the assets instead of the files", async () => {
    writeFileSync(at("a.png"), picture)
    const result = await run(["edit", "--input", "a.png", "--mask", "a.png", "--reference-image", "a.png@1:id"], {
      answering: studio
    })
    expect(posts(result)).toEqual(["/v1/edit", "/v1/upload", "/v1/edit"])
    expect(result.asked[0]?.body.dry_run).toBe(true)
    expect(result.asked.at(-1)?.body).toMatchObject({
      input_asset_id: "image_up_a.png",
      mask_asset_id: "image_up_a.png",
      aspect_ratio: "auto",
      references: [{ asset_id: "image_up_a.png", role: "reference_image", index: 1, reference_task: "id" }]
    })
    expect(JSON.parse(result.stderr).in_flight.recover_command).toContain(
      "--input image_up_a.png --mask image_up_a.png --reference-image image_up_a.png@1:id"
    )
  })

  it("are described in a dry run, and never uploaded", async () => {
    writeFileSync(at("a.png"), picture)
    const result = await run(["edit", "--input", "a.png", "--mask", "./a.png", "--dry-run"], { answering: studio })
    expect(posts(result)).toEqual(["/v1/edit"])
    const { described_images: described, input_asset_id: input, mask_asset_id: mask } = result.asked[0]?.body ?? {}
    expect(described).toEqual([
      { asset_id: input, mime_type: "image/png", width: 1, height: 1, content_length: picture.length }
    ])
    expect(mask).toBe(input)
  })

  it.each([
    ["refused", () => refuse("MODEL_PARAMETERS_INVALID", 400), "MODEL_PARAMETERS_INVALID", 2],
    [
      "planned and blocked",
      () => reply({ dry_run: true, blockers: [{ code: "PROVIDER_UNAVAILABLE", message: "no key", retryable: true }] }),
      "PROVIDER_UNAVAILABLE",
      7
    ]
  ])("are not uploaded for a request that is %s", async (_, answer, code, exit) => {
    writeFileSync(at("a.png"), picture)
    const result = await run(["edit", "--input", "a.png", "--model", "m"], { answering: answer })
    expect([posts(result), result.envelope.error?.code, result.exitCode]).toEqual([["/v1/edit"], code, exit])
    expect(result.stderr).toBe("")
  })

  it("are uploaded under a key that is the same when the same command is typed again", async () => {
    writeFileSync(at("a.png"), picture)
    const keyOf = async (...typed: ReadonlyArray<string>) => {
      const { asked } = await run(["edit", "--input", "a.png", ...typed], { answering: studio })
      return asked.find(({ path }) => path === "/v1/upload")?.body.idempotency_key
    }
    const first = await keyOf("--idempotency-key", "k")
    expect(first).toMatch(/^cli_[0-9a-f]{64}$/)
    expect([await keyOf("--idempotency-key", "k"), await keyOf("--idempotency-key", "l"), await keyOf()]).toEqual([
      first,
      expect.not.stringMatching(String(first)),
      undefined
    ])
  })

  it("uses asset ids and owned URLs as they are, and lets a file of that name win", async () => {
    const owned = "http://image-skill.localhost/a/image_0.png"
    const result = await run(["edit", "--input", owned, "--mask", "image_abc"], { answering: studio })
    expect(result.asked.at(-1)?.body).toMatchObject({ input_asset_id: "image_0", mask_asset_id: "image_abc" })
    writeFileSync(at("image_abc"), picture)
    expect(posts(await run(["edit", "--input", "image_abc"], { answering: studio }))).toEqual([
      "/v1/edit",
      "/v1/upload",
      "/v1/edit"
    ])
  })

  it.each([
    ["missing.png", "FILE_READ_FAILED", 9],
    [".", "FILE_READ_FAILED", 9],
    ["/dev/zero", "FILE_READ_FAILED", 9],
    ["huge.png", "INPUT_POLICY_DENIED", 6],
    ["file:///etc/passwd", "INVALID_ARGUMENTS", 2],
    ["http://10.0.0.1/a.png", "REMOTE_UPLOAD_FETCH_FAILED", 7],
    ["http://[::ffff:10.0.0.1]/a.png", "REMOTE_UPLOAD_FETCH_FAILED", 7],
    ["http://169.254.169.254/latest/meta-data", "REMOTE_UPLOAD_FETCH_FAILED", 7],
    ["http://user:secret@localhost/a.png", "INVALID_ARGUMENTS", 2]
  ])("refuses %s before anything is sent", async (input, code, exit) => {
    writeFileSync(at("huge.png"), "")
    truncateSync(at("huge.png"), 3_000_000_000)
    writeFileSync(at("good.png"), picture)
    for (const argv of [
      ["upload", input],
      ["edit", "--input", "good.png", "--mask", input]
    ]) {
      const result = await run(argv, { answering: studio })
      expect([result.envelope.error?.code, result.exitCode]).toEqual([code, exit])
      expect(posts(result)).toEqual([])
      expect(result.stdout).not.toContain("secret")
    }
  })

  it.each([
    ["missing.png", "."],
    ["pictures/2026/missing.png", "pictures"],
    ["/no/such folder/a.png", "/"]
  ])("lists what is there instead of %s", async (input, folder) => {
    mkdirSync(at("pictures"), { recursive: true })
    for (const argv of [
      ["upload", input],
      ["create", "--prompt-file", input]
    ]) {
      const { envelope } = await run(argv, { answering: studio })
      expect(envelope.error?.recovery?.suggested_command).toBe(`ls -la ${folder}`)
    }
  })

  it.each([
    [["upload"]],
    [["upload", "a.png", "--input", "b.png"]],
    [["edit", "--prompt", "x"]],
    [["edit", "--input", "a", "--input-asset-id", "b"]],
    [["create", "--element-frontal", "a@0:1"]],
    [["create", "--element-reference", "a@0:id"]]
  ])("%j is refused", async (argv) => {
    const { envelope, exitCode, asked } = await run(argv, { answering: studio })
    expect([envelope.error?.code, exitCode, asked.length]).toEqual(["INVALID_ARGUMENTS", 2, 0])
  })
})

describe("assets", () => {
  it("gets an asset into a file", async () => {
    const { envelope } = await run(["assets", "get", "image_7", "--output", "b.png"], { answering: studio })
    expect(envelope.data).toMatchObject({
      request: { reference: "image_7", reference_type: "asset_id" },
      output: { path: "b.png", asset_id: "image_7", sha256: hash }
    })
    expect(existsSync(at("b.png"))).toBe(true)
  })

  it.each(["https://elsewhere.example/a/image_0.png", "https://elsewhere.example/x", "image_gone"])(
    "does not find %s",
    async (reference) => {
      const { envelope, exitCode } = await run(["assets", "show", reference], { answering: studio })
      expect([envelope.error?.code, exitCode]).toEqual(["ASSET_NOT_FOUND", 2])
    }
  )
})

describe("ids", () => {
  it("stay one segment of the path", async () => {
    const { asked } = await run(["models", "show", "a/../b?c#d"], { answering: studio })
    expect(asked[0]?.path).toBe("/v1/models/a%2F..%2Fb%3Fc%23d")
    expect((await run(["models", "show", ".."])).envelope.error?.code).toBe("INVALID_ARGUMENTS")
  })
})

describe("jobs wait", () => {
  it("gives up with the job's status, and the command that waits on", async () => {
    const { envelope, exitCode } = await run(
      ["jobs", "wait", "job_1", "--timeout-ms", "120", "--poll-interval-ms", "50"],
      {
        answering: () => reply({ job: { job_id: "job_1", status: "running" } })
      }
    )
    expect([exitCode, envelope.error?.code]).toEqual([8, "TIMEOUT"])
    expect(envelope.error?.details).toMatchObject({ job_id: "job_1", status: "running" })
  })

  it("succeeds with a job that failed: the job says so", async () => {
    const { exitCode, asked } = await run(["jobs", "wait", "job_1"], {
      answering: () => reply({ job: { job_id: "job_1", status: "failed" } })
    })
    expect([exitCode, asked.length]).toEqual([0, 1])
  })
})
