import { Order } from "effect"
import { doesCreate, doesEdit, type Model, type Operation } from "./Model.ts"

/** What a list of models may be narrowed by. */
export interface CatalogQuery {
  /** `create`, `edit`, or an operation's own name. */
  readonly operation: string | null
  readonly provider: string | null
  /** Words that must all occur in the id, name, summary or tags. */
  readonly query: string | null
}

export const matches = (model: Model, query: CatalogQuery): boolean =>
  (query.operation === null || doesOperation(model, query.operation)) &&
  (query.provider === null || model.provider === query.provider) &&
  (query.query === null || hasWords(model, query.query))

const doesOperation = (model: Model, operation: string): boolean =>
  operation === "create"
    ? doesCreate(model)
    : operation === "edit"
      ? doesEdit(model)
      : model.operations.some((one: Operation) => one === operation)

const hasWords = (model: Model, query: string): boolean => {
  const text = [model.id, model.displayName, model.summary, ...model.taskTags].join(" ").toLowerCase()
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

const wordsOf = (text: string): ReadonlyArray<string> =>
  text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== "")

/** What one word says about a model: its id and tags more than its name, its name more than its summary. */
const scoreOfWord = (model: Model, word: string): number => {
  const id = model.id.toLowerCase()
  if (id === word) return 100
  if (model.taskTags.some((tag) => tag.toLowerCase() === word)) return 20
  if (id.split(/[./]/).some((part) => part === word) || model.operations.some((one) => one === word)) return 20
  if (model.operations.some((one) => one.includes(word))) return 10
  if (id.includes(word) || model.taskTags.some((tag) => tag.toLowerCase().includes(word))) return 10
  if (model.displayName.toLowerCase().includes(word)) return 8
  return model.summary.toLowerCase().includes(word) ? 4 : 0
}

/**
 * How well words fit a model, 0 for not at all: of two words that fit, each counts for more than how well one of them
 * does.
 */
export const fitOf = (model: Model, query: string): number => {
  const scores = wordsOf(query).map((word) => scoreOfWord(model, word))
  const fitting = scores.filter((score) => score > 0)
  return fitting.length * 1000 + fitting.reduce((sum, score) => sum + score, 0)
}

/** Edits between two words: insert, remove, replace. Words are ids: short. */
export const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** Up to three names near a mistyped one, the nearest first; also one that ends as it does, without its provider. */
export const nearestNames = (name: string, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const typed = name.slice(0, 100).toLowerCase()
  return names
    .map((one) => ({ one, far: one.endsWith(`.${typed}`) ? 0 : distance(typed, one.toLowerCase()) }))
    .filter(({ one, far }) => far <= Math.max(2, Math.floor(one.length / 3)) || (typed !== "" && one.includes(typed)))
    .sort(
      Order.combine(
        Order.mapInput(Order.number, ({ far }) => far),
        Order.mapInput(Order.string, ({ one }) => one)
      )
    )
    .slice(0, 3)
    .map(({ one }) => one)
}

export const nearest = (id: string, models: ReadonlyArray<Model>): ReadonlyArray<string> =>
  nearestNames(
    id,
    models.map((model) => model.id)
  )
