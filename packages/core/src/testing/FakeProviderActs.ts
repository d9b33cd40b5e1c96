import type { ProviderReason } from "../provider/Provider.ts"

/** What an answer holds, and what it says of its price. */
export interface FakeAnswer {
  readonly kind:
    | "images"
    /** URLs of images instead of bytes. */
    | "urls"
    /** More or fewer images than were asked for, or none. */
    | "too_many"
    | "too_few"
    | "none"
    /** The first image is held back. */
    | "withheld"
    /** Bytes that are no image, claim 900 megapixels, or end too early. */
    | "text"
    | "huge"
    | "torn"
    /** A body that cannot be decoded. */
    | "garbage"
  readonly reports: "cost" | "nothing" | "too_much"
}

/** What the fake provider does with one call. */
export type FakeAct =
  /** Refuses before it accepts anything. */
  | { readonly _tag: "Refuse"; readonly reason: ProviderReason; readonly billed: "no" | "yes" | "unknown" }
  /** The plugin itself throws, before anything is sent. */
  | { readonly _tag: "Throw" }
  /** Accepts, does the work, charges; the answer is lost on the way. */
  | { readonly _tag: "LoseAnswer"; readonly afterMillis: number }
  /** Accepts, charges, and never answers. */
  | { readonly _tag: "Hang" }
  | {
      readonly _tag: "Answer"
      readonly answer: FakeAnswer
      readonly afterMillis: number
      /** The first body ends in the middle. */
      readonly isCut: boolean
      /** A queue only: the work ends with this failure. A content policy failure is charged. */
      readonly fails: ProviderReason | null
      readonly pollFailures: number
      /** Polls that get no answer at all, after the failures. */
      readonly pollSilences: number
      readonly fetchFailures: number
      readonly ignoresCancel: boolean
    }

type Answered = Extract<FakeAct, { readonly _tag: "Answer" }>

/** A plain good answer after a second, but for what a test wants of it. */
export const answers = (own: Partial<Omit<Answered, "_tag" | "answer">> & Partial<FakeAnswer> = {}): FakeAct => ({
  _tag: "Answer",
  answer: { kind: own.kind ?? "images", reports: own.reports ?? "cost" },
  afterMillis: own.afterMillis ?? 1_000,
  isCut: own.isCut ?? false,
  fails: own.fails ?? null,
  pollFailures: own.pollFailures ?? 0,
  pollSilences: own.pollSilences ?? 0,
  fetchFailures: own.fetchFailures ?? 0,
  ignoresCancel: own.ignoresCancel ?? false
})

export const refuses = (reason: ProviderReason, billed: "no" | "yes" | "unknown" = "no"): FakeAct => ({
  _tag: "Refuse",
  reason,
  billed
})

/** Acts in their order; good answers after the last. */
export const inOrder =
  (...acts: ReadonlyArray<FakeAct>) =>
  (_call: unknown, nth: number): FakeAct =>
    acts[nth] ?? answers()
