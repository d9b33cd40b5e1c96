import { Headers, type HttpServerRequest } from "@effect/platform"
import { requestPath } from "./requestPath.ts"

const takesImages = (path: string): boolean => path === "/v1/upload"

/** The content types of a body, as a refusal names them. */
export const contentTypesOf = (path: string): string =>
  takesImages(path) ? "application/json, image/*" : "application/json"

/** Whether the body is an image, and not JSON with one in it. */
export const isRawImage = ({ headers, method, url }: HttpServerRequest.HttpServerRequest): boolean =>
  method === "POST" && takesImages(requestPath(url)) && /^image\//i.test(headers["content-type"] ?? "")

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
