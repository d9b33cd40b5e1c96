// fal's official client as a program of its own: `node client.mjs URL KEY SCENARIO` prints what it saw as JSON.
// A process beside the tests, because they resolve packages by conditions under which this client does not load.
import { ApiError, createFalClient, ValidationError } from "@fal-ai/client"

const [, , url = "", key = "", scenario = ""] = process.argv

/** Its connections end at the emulator; all else is as published. */
const client = createFalClient({
  credentials: key,
  fetch: (input, init) => fetch(new Request(input).url.replace(/^https:\/\/(queue\.fal\.run|rest\.fal\.ai)/, url), init)
})

/** @param {Promise<unknown>} promise */
const rejection = (promise) =>
  promise.then(
    () => null,
    (error) => ({
      isApiError: error instanceof ApiError,
      status: error.status ?? null,
      fields: error instanceof ValidationError ? error.fieldErrors.map(({ loc, type }) => ({ loc, type })) : null
    })
  )

const scenarios = {
  async subscribe() {
    /** @type {Array<string>} */
    const states = []
    const result = await client.subscribe("fal-ai/flux/dev", {
      input: { prompt: "a lighthouse", image_size: "landscape_4_3", num_images: 2 },
      pollInterval: 5,
      onQueueUpdate: ({ status }) => states.push(status)
    })
    return { states: [...new Set(states)], ...result }
  },
  async single() {
    return client.subscribe("fal-ai/esrgan", { input: { image_url: "data:image/png;base64,AA==" }, pollInterval: 5 })
  },
  async refused() {
    return rejection(client.queue.submit("fal-ai/flux/dev", { input: { prompt: "x" } }))
  },
  async extra() {
    return rejection(client.queue.submit("fal-ai/flux/dev", { input: { prompt: "x", n: 2 } }))
  },
  async policy() {
    return rejection(client.subscribe("fal-ai/flux/dev", { input: { prompt: "x" }, pollInterval: 5 }))
  },
  async upload() {
    const file = new File([new Uint8Array(1000).fill(7)], "picture.png", { type: "image/png" })
    return { address: await client.storage.upload(file, { lifecycle: { expiresIn: "1d" } }) }
  },
  async cancel() {
    const { request_id: requestId } = await client.queue.submit("fal-ai/flux/dev", { input: { prompt: "x" } })
    const canceled = await rejection(client.queue.cancel("fal-ai/flux/dev", { requestId }))
    return { canceled, result: await rejection(client.queue.result("fal-ai/flux/dev", { requestId })) }
  }
}

console.log(JSON.stringify(await scenarios[scenario]()))
