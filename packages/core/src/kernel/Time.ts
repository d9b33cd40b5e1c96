import { DateTime } from "effect"

/** Epoch milliseconds as ISO 8601 in UTC: `2026-11-22T18:00:00.000Z`. */
export const isoOf = (millis: number): string => DateTime.formatIso(DateTime.unsafeMake(millis))
