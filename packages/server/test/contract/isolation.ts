import { type Answered, contract, type House } from "./house.ts"
import { absent, idsIn, type Slot, slotsOf } from "./slots.ts"

/** What an answer says, but for the id that was asked for and what differs between any two calls. */
const substance = (answer: Answered, id: string): string =>
  JSON.stringify([
    answer.status,
    answer.headers.get("x-image-skill-exit-code"),
    answer.text
      .replaceAll(id, "ID")
      .replaceAll(/"trace_id":"trace_[0-9a-f]+"/g, '"trace_id":"TRACE"')
      .replaceAll(/sig_[0-9a-f]+/g, "FEEDBACK")
      .replaceAll(/"created_at":"[^"]+"/g, '"created_at":"TIME"')
  ])

const isNotFound = ({ envelope, status }: Answered) =>
  status === 404 && envelope?.error?.code.endsWith("_NOT_FOUND") === true

const isEmptyList = ({ envelope }: Answered) =>
  envelope?.ok === true &&
  Object.values(envelope.data ?? {}).some((value) => Array.isArray(value) && value.length === 0)

/** Feedback may speak of anything, and looks nothing up; its answer must be the same all the same. */
const looksUp = (slot: Slot) => slot.operation !== "feedback.create"

const compared = async (house: House, stranger: string, slot: Slot, id: string): Promise<ReadonlyArray<string>> => {
  const own = { token: stranger }
  const theirs = await house.ask({ ...slot.ask(id), ...own })
  const nobodys = await house.ask({ ...slot.ask(absent(id)), ...own })
  const where = `${slot.operation} ${slot.name} ${id}`
  const isHidden = !looksUp(slot) || isNotFound(theirs) || isEmptyList(theirs)
  return [
    ...(isHidden ? [] : [`${where}: ${theirs.status} ${theirs.text.slice(0, 200)}`]),
    ...(substance(theirs, id) === substance(nobodys, absent(id))
      ? []
      : [`${where} tells: ${substance(theirs, id).slice(0, 300)} and ${substance(nobodys, absent(id)).slice(0, 300)}`])
  ]
}

const kindOf = (id: string) => id.replace(/_[A-Za-z0-9]{8,}$/, "")

const kindNames: Readonly<Record<string, string>> = { image: "asset", payatt: "payment_attempt", cs_test: "session" }

/** Ids that belong into the place; activity is asked for anything. */
const belongs = ({ name, operation }: Slot, id: string) =>
  operation.startsWith("activity.") ||
  `${operation} ${name} ${name === "references" ? "asset" : ""}`.includes(kindNames[kindOf(id)] ?? kindOf(id))

/** `some`: an id of each kind where it belongs, and here and there one of another kind. `all`: every id at every place. */
export type Extent = "some" | "all"

const pairsOf = (slots: ReadonlyArray<Slot>, ids: ReadonlyArray<string>, extent: Extent) => {
  const isFirst = (id: string, index: number) => ids.findIndex((one) => kindOf(one) === kindOf(id)) === index
  const chosen = extent === "all" ? ids : ids.filter(isFirst)
  return slots.flatMap((slot, at) =>
    chosen
      .filter((id, index) => extent === "all" || belongs(slot, id) || (index + at) % 6 === 0)
      .map((id) => [slot, id] as const)
  )
}

/**
 * A stranger asks for the ids of an organization at every place that takes one. What leaks, or is told apart from
 * what does not exist; nothing when all is well.
 */
export const leaks = async (
  house: House,
  run: ReadonlyArray<Answered>,
  stranger: { readonly token: string; readonly asset: string },
  extent: Extent
): Promise<{ readonly asked: number; readonly found: ReadonlyArray<string> }> => {
  const pairs = pairsOf(slotsOf(contract, stranger.asset), idsIn(run), extent)
  const found: Array<string> = []
  const asked = pairs.length
  const next = async (): Promise<void> => {
    for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
      found.push(...(await compared(house, stranger.token, pair[0], pair[1])))
    }
  }
  await Promise.all(Array.from({ length: 8 }, next))
  return { asked, found }
}

const lists = ["/v1/jobs", "/v1/assets", "/v1/activity"] as const

/** Ids of the one that the lists of the other name. */
export const mixed = async (
  house: House,
  run: ReadonlyArray<Answered>,
  other: string
): Promise<ReadonlyArray<string>> => {
  const ids = idsIn(run)
  const shown = await Promise.all(
    [...lists.map((path) => `${path}?limit=200`), "/v1/quota", "/v1/whoami"].map((path) =>
      house.ask({ method: "GET", path, token: other })
    )
  )
  return shown.flatMap(({ asked, text }) =>
    ids.filter((id) => text.includes(id)).map((id) => `${asked.path} shows ${id}`)
  )
}
