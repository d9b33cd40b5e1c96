/** Output names that are known in full only once the image is there: `{job}-{index}.{ext}`. */

/** What a name may hold. `item` is the id of a batch's item; outside of a batch there is none. */
export const placeholders = ["job", "index", "ext", "asset", "model", "item"] as const

export type Names = Readonly<Record<(typeof placeholders)[number], string>>

const pattern = /\{([A-Za-z_]*)\}/g

const isPlaceholder = (name: string): name is keyof Names => placeholders.some((one) => one === name)

export const isTemplate = (typed: string): boolean => typed.search(pattern) >= 0

/** What is between braces in a name, in order. */
export const namesIn = (typed: string): ReadonlyArray<string> =>
  [...typed.matchAll(pattern)].map(([, name]) => name ?? "")

/** Why a template cannot be used, as the end of a sentence; null for one that can. */
export const templateProblem = (typed: string, isBatch: boolean): string | null => {
  const allowed = placeholders.filter((name) => isBatch || name !== "item")
  const unknown = namesIn(typed).find((name) => !allowed.some((one) => one === name))
  const list = allowed.map((name) => `{${name}}`).join(", ")
  if (unknown !== undefined) return `holds {${unknown}}; allowed: ${list}`
  const folder = typed.slice(0, typed.lastIndexOf("/") + 1)
  return isTemplate(folder) ? `names a folder by ${folder}; allowed: placeholders in the file's name only` : null
}

/** The name of one image: no value can lead out of the folder. */
export const fill = (typed: string, names: Names): string =>
  typed.replace(pattern, (whole, name: string) =>
    isPlaceholder(name) ? names[name].replace(/[^A-Za-z0-9._-]+/g, "-") : whole
  )

/** A template that tells the images of one answer apart. */
export const distinguishing = (typed: string, count: number): string => {
  const held = namesIn(typed)
  if (count === 1 || held.includes("index") || held.includes("asset")) return typed
  const dot = typed.lastIndexOf(".")
  const end = dot > typed.lastIndexOf("/") + 1 ? dot : typed.length
  return `${typed.slice(0, end)}-{index}${typed.slice(end)}`
}
