// CPU of a create and creates a second, over HTTP, with a provider that answers at once with a 3 MB image in base64;
// against a program that fetches the same answers and only slices, decodes, hashes and writes them.
// Run: npm run build && node bench/creates.mjs [creates a round, default 100] [at one time, default 8] [rounds, default 7]
// CPU is user and system time of the process that does the work, not of the provider beside it. Goal: at most 2.5 times.
// Both warm up with 1,000 creates: a server runs for days, and the compiler is at work for the first thousand. Then they
// take turns, a round each, and the middle round counts: what memory a machine has at hand changes by the minute. The
// program writes over its files of the round before, and, shown beside it, to new files: new pages of the page cache cost
// as much again on a virtual machine that gives free memory back. The goal is held against the cheaper.
import { fork } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { Agent, get } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { create, openProvider, openServer, percentile, plainPng, replyWith } from "../scripts/served-house.mjs"

const creates = Number(process.argv[2] ?? 100)
const atOnce = Number(process.argv[3] ?? 8)
const rounds = Number(process.argv[4] ?? 7)
const warming = 1_000

const many = async (count, work) => {
  let next = 0
  const worker = async () => {
    while (next < count) {
      next += 1
      await work(next)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

const timed = async (cpuMillis, count, work) => {
  const [cpu, since] = [cpuMillis(), performance.now()]
  await many(count, work)
  return { cpu: (cpuMillis() - cpu) / count, perSecond: (1000 * count) / (performance.now() - since) }
}

/** The program that we are measured against. A number is a file. */
const plainly = (url, folder) => {
  const agent = new Agent({ keepAlive: true })
  const marks = [Buffer.from('"b64_json":"'), Buffer.from('"')]
  return (number) =>
    new Promise((resolve, reject) => {
      get(url, { agent }, (response) => {
        const chunks = []
        response.on("data", (part) => chunks.push(part))
        response.on("end", () => {
          const body = Buffer.concat(chunks)
          const from = body.indexOf(marks[0]) + marks[0].length
          const image = Buffer.from(body.latin1Slice(from, body.indexOf(marks[1], from)), "base64")
          const name = createHash("sha256").update(image).digest("hex")
          writeFile(join(folder, `${name}-${number}.png`), image).then(resolve, reject)
        })
      }).on("error", reject)
    })
}

if (process.argv[5] === "plainly") {
  const [url, folder] = process.argv.slice(6)
  const work = plainly(url, folder)
  const cpuMillis = () => {
    const { system, user } = process.cpuUsage()
    return (system + user) / 1000
  }
  let files = warming
  const afresh = () => {
    files += 1
    return work(files)
  }
  await many(warming, work)
  process.on("message", (how) => {
    void timed(cpuMillis, creates, how === "new" ? afresh : work).then((time) => process.send(time))
  })
  process.send("warm")
} else {
  const folder = mkdtempSync(join(tmpdir(), "image-skill-creates-"))
  const image = plainPng(1_024)
  const provider = await openProvider(replyWith(image))
  const server = await openServer(join(folder, "data"), { provider: provider.url })
  const base = [creates, atOnce, rounds, "plainly", provider.url, folder].map(String)
  const child = fork(new URL(import.meta.url), base, { serialization: "json" })
  const died = once(child, "exit").then(() => Promise.reject(new Error("the program beside the server died")))
  const told = () => Promise.race([once(child, "message"), died])
  try {
    await told()
    await server.join()
    const times = []
    const work = async () => {
      const { millis, status, envelope } = await server.ask("POST", "/v1/create", create)
      if (status !== 200) throw new Error(`a create was answered ${status}: ${JSON.stringify(envelope.error)}`)
      times.push(millis)
    }
    await many(warming, work)
    times.length = 0
    const plainRound = async (how) => {
      child.send(how)
      return (await told())[0]
    }
    const [over, anew, ours] = [[], [], []]
    for (let round = 0; round < rounds; round += 1) {
      over.push(await plainRound("over"))
      ours.push(await timed(server.cpuMillis, creates, work))
      anew.push(await plainRound("new"))
    }
    const size = (image.length / 1e6).toFixed(1)
    const cpuOf = (rounds) => rounds.map(({ cpu }) => cpu)
    const middle = (numbers) => percentile(numbers, 0.5)
    const line = (name, rounds) => {
      const [least, most] = [Math.min(...cpuOf(rounds)), Math.max(...cpuOf(rounds))].map((ms) => ms.toFixed(1))
      const perSecond = middle(rounds.map((round) => round.perSecond))
      console.log(
        `${name.padEnd(28)} ${middle(cpuOf(rounds)).toFixed(1)} ms CPU a create (${least} to ${most}), ${perSecond.toFixed(0)} creates/s`
      )
    }
    console.log(
      `${rounds} rounds of ${creates} creates of ${size} MB, ${atOnce} at one time, Node ${process.versions.node}`
    )
    line("slice, decode, hash, write", over)
    line("the same, to new files", anew)
    line("image-skill serve", ours)
    const ratio = (rounds) => (middle(cpuOf(ours)) / middle(cpuOf(rounds))).toFixed(2)
    const rest = `p50 ${percentile(times, 0.5).toFixed(0)} ms; ${server.residentMegabytes().toFixed(0)} MB resident`
    console.log(`${ratio(over)} times the CPU (goal 2.5), ${ratio(anew)} of new files; ${rest}`)
  } finally {
    child.kill()
    await server.close()
    provider.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
