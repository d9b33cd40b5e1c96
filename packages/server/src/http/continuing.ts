/** What tells a client to send the body that it waits with, by its request. */
const waiting = new WeakMap<object, () => void>()

/** `expect: 100-continue`: `goOn` is called when somebody wants the body, and never where it is refused unread. */
export const whenBodyIsWanted = (request: object, goOn: () => void): void => void waiting.set(request, goOn)

/** Somebody is about to read the body. */
export const wantBody = (request: unknown): void => {
  if (typeof request !== "object" || request === null) return
  waiting.get(request)?.()
  waiting.delete(request)
}
