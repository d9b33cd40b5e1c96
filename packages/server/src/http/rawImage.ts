import { Headers, type HttpServerRequest } from "@effect/platform"
import { requestPath } from "./requestPath.ts"

/** Whether the body is an image, and not JSON with one in it. */
export const isRawImage = ({ headers, method, url }: HttpServerRequest.HttpServerRequest): boolean =>
  method === "POST" && requestPath(url) === "/v1/upload" && /^image\//i.test(headers["content-type"] ?? "")

const named = /;\s*filename="([^"]{1,255})"/i

/** Such a request as the route takes it: what its headers say is what JSON would have said. */
export const asJson = ({ headers }: HttpServerRequest.HttpServerRequest, image: Uint8Array) => {
  const filename = named.exec(headers["content-disposition"] ?? "")?.[1]
  const upload = {
    mime_type: (headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase(),
    ...(filename === undefined ? {} : { filename }),
    bytes_base64: Buffer.from(image.buffer, image.byteOffset, image.byteLength).toString("base64")
  }
  return {
    headers: Headers.set(headers, "content-type", "application/json"),
    body: new TextEncoder().encode(JSON.stringify(upload))
  }
}
