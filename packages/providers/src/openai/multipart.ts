/** A part of a form: a text field, or a file. */
export interface Part {
  readonly name: string
  readonly value: string | { readonly bytes: Uint8Array; readonly filename: string; readonly mediaType: string }
}

/**
 * `multipart/form-data` as one body of known length. `boundary` must occur in no part: an unguessable id is enough.
 * Names and file names are ours and need no quoting.
 */
export const multipart = (
  boundary: string,
  parts: ReadonlyArray<Part>
): { readonly contentType: string; readonly body: Uint8Array } => {
  const pieces = parts.flatMap(({ name, value }): ReadonlyArray<Uint8Array> => {
    const open = `--${boundary}\r\ncontent-disposition: form-data; name="${name}"`
    return typeof value === "string"
      ? [Buffer.from(`${open}\r\n\r\n${value}\r\n`)]
      : [
          Buffer.from(`${open}; filename="${value.filename}"\r\ncontent-type: ${value.mediaType}\r\n\r\n`),
          value.bytes,
          Buffer.from("\r\n")
        ]
  })
  const body = Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)])
  return { contentType: `multipart/form-data; boundary=${boundary}`, body }
}
