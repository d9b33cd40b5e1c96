/** Limits of the house. Each is a default that a host may lower. Bytes, milliseconds and counts, as the name says. */
export const limits = {
  promptCharactersMax: 20_000,
  uploadBytesMax: 20 * 1024 * 1024,
  bodyBytesMax: 30 * 1024 * 1024,
  /** A body that comes without a token that was looked at. */
  strangersBodyBytesMax: 1024 * 1024,
  /** Bodies that are read or answered at one time, together; whoever sends more is to come again. */
  bodiesBytesMax: 256 * 1024 * 1024,
  outputCountMax: 10,
  referencesMax: 50,
  parameterKeysMax: 64,
  replyBytesMax: 256 * 1024 * 1024,
  waitMillisDefault: 55_000,
  waitMillisMax: 120_000,
  /** Jobs that wait for their turn of one provider, in one process; further ones are refused. */
  waitingOfProviderMax: 1_000,
  waitingOfOrganizationMax: 200,
  leaseMillis: 15_000,
  /** After the deadline of work that a provider accepted: it is still asked after, as it may be done and paid. */
  followGraceMillis: 10 * 60 * 1000,
  /** One question to a provider: a poll, a cancel, a look-up. */
  askMillis: 60_000,
  /**
   * How long after a claim a provider may still be about to learn of the call: a "no" to the question whether it has it
   * is final only then.
   */
  findSettleMillis: 30_000,
  /** A house that closes waits this long for its runs; what is left is taken up by the next. */
  drainMillis: 10 * 60 * 1000,
  repairWindowMillis: 60 * 60 * 1000,
  /** How long a credit quote can be bought. */
  quoteMillis: 30 * 60 * 1000,
  /** How long a person has to pay. The payment provider allows no less than half an hour. */
  checkoutMillis: 60 * 60 * 1000,
  /** After this a rail may have forgotten the key of an act: it is not repeated. */
  railKeyMillis: 23 * 60 * 60 * 1000,
  /** A payment without news is asked after when it is twice as old, within these. */
  paymentLookMillisMin: 2 * 60 * 1000,
  paymentLookMillisMax: 6 * 60 * 60 * 1000,
  /** What went back of a payment is asked after when it is twice as old, within these, until nothing more is likely. */
  reversalLookMillisMin: 24 * 60 * 60 * 1000,
  reversalLookMillisMax: 7 * 24 * 60 * 60 * 1000,
  reversalAgeMillisMax: 180 * 24 * 60 * 60 * 1000,
  /** The slowest ways to pay take two weeks. */
  paymentAgeMillisMax: 30 * 24 * 60 * 60 * 1000,
  /** Room on the disk beside the replies of paid calls, for the rows that settle them. */
  spoolReserveBytes: 1024 * 1024,
  /** Feedback that is younger may still be on its way to the queue with the call that brought it. */
  feedbackOfferMillis: 60 * 1000,
  /** A command over HTTP: its words, the characters of all of them, and how long it may run. */
  commandWordsMax: 100,
  commandCharactersMax: 100_000,
  commandMillisMax: 150_000,
  pageDefault: 20,
  pageMax: 200
} as const
