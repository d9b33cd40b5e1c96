import type { ReferenceRole } from "@image-skill/core/catalog/References"

/** `SOURCE@INDEX`, `SOURCE@INDEX:REST`: the source, and what comes after the last @ when it is of that form. */
export interface SuffixedSource {
  readonly source: string
  readonly index: number | null
  readonly rest: string | null
}

/**
 * Splits a suffix off. The source may hold @ and : itself, so only digits after the last @ are one; and a file whose
 * whole name looks like a suffixed one (`photo@2`) is that file.
 */
export const splitSuffix = (typed: string, isFile: (path: string) => boolean): SuffixedSource => {
  const match = /^(.+)@(\d{1,4})(?::([A-Za-z0-9_-]{1,40}))?$/s.exec(typed)
  const [, source, index, rest] = match ?? []
  if (source === undefined || index === undefined || (isFile(typed) && !isFile(source))) {
    return { source: typed, index: null, rest: null }
  }
  return { source, index: Number(index), rest: rest ?? null }
}

/** A reference of the wire, its image not yet an asset. */
export interface ReferenceSource {
  readonly source: string
  readonly role: ReferenceRole
  readonly index: number
  readonly reference_index?: number
  readonly reference_task?: string
}

export type ReferenceResult =
  | { readonly ok: true; readonly references: ReadonlyArray<ReferenceSource> }
  | { readonly ok: false; readonly flag: string; readonly message: string }

export interface TypedReferences {
  readonly images: ReadonlyArray<string>
  readonly frontals: ReadonlyArray<string>
  readonly elements: ReadonlyArray<string>
}

const wrong = (flag: string, typed: string, allowed: string): ReferenceResult => ({
  ok: false,
  flag,
  message: `${flag} ${JSON.stringify(typed.slice(0, 200))}: allowed is ${allowed}`
})

/** Every reference of a command line, in order. What has no index counts on from those before it. */
export const readReferences = (typed: TypedReferences, isFile: (path: string) => boolean): ReferenceResult => {
  const references: Array<ReferenceSource> = []
  for (const [position, text] of typed.images.entries()) {
    const { source, index, rest } = splitSuffix(text, isFile)
    references.push({
      ...{ source, role: "reference_image", index: index ?? position },
      ...(rest === null ? {} : { reference_task: rest })
    })
  }
  for (const [position, text] of typed.frontals.entries()) {
    const { source, index, rest } = splitSuffix(text, isFile)
    if (rest !== null) return wrong("--element-frontal", text, "IMAGE or IMAGE@ELEMENT")
    references.push({ source, role: "element_frontal", index: index ?? position })
  }
  const slots = new Map<number, number>()
  for (const text of typed.elements) {
    const { source, index, rest } = splitSuffix(text, isFile)
    if (rest !== null && !/^\d{1,4}$/.test(rest)) return wrong("--element-reference", text, "IMAGE@ELEMENT:SLOT")
    const element = index ?? 0
    const slot = rest === null ? (slots.get(element) ?? 0) : Number(rest)
    slots.set(element, slot + 1)
    references.push({ source, role: "element_reference", index: element, reference_index: slot })
  }
  return { ok: true, references }
}
