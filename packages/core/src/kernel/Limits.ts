/** Limits of the house. Each is a default that a host may lower. Bytes, milliseconds and counts, as the name says. */
export const limits = {
  promptCharactersMax: 20_000,
  uploadBytesMax: 20 * 1024 * 1024,
  bodyBytesMax: 30 * 1024 * 1024,
  outputCountMax: 10,
  referencesMax: 50,
  parameterKeysMax: 64,
  replyBytesMax: 256 * 1024 * 1024,
  waitMillisDefault: 55_000,
  waitMillisMax: 120_000,
  leaseMillis: 15_000,
  /** After the deadline of work that a provider accepted: it is still asked after, as it may be done and paid. */
  followGraceMillis: 10 * 60 * 1000,
  /** One question to a provider: a poll, a cancel, a look-up. */
  askMillis: 60_000,
  /** A house that closes waits this long for its runs; what is left is taken up by the next. */
  drainMillis: 10 * 60 * 1000,
  repairWindowMillis: 60 * 60 * 1000,
  pageDefault: 20,
  pageMax: 200
} as const
