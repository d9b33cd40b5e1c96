/** One route of OpenAI's as the collected facts describe it: `scripts/facts/openai.mjs` writes them. */
export interface OpenAiFact {
  readonly id: string
  readonly displayName: string
  readonly isEdit: boolean
  readonly model: string
  readonly url: string
  readonly endsOn: string | null
  readonly lifecycleNote: string | null
  readonly imagesMax: number | null
  readonly promptCharactersMax: number
  readonly outputsMax: number
  /** Null: any size within `freeSize`. */
  readonly sizes: ReadonlyArray<string> | null
  readonly qualities: ReadonlyArray<string>
  readonly backgrounds: ReadonlyArray<string>
  readonly formats: ReadonlyArray<string>
  readonly inputFidelities: ReadonlyArray<string> | null
  readonly cataloged: ReadonlyArray<{
    readonly name: string
    readonly type: string
    readonly note: string | null
    readonly values: ReadonlyArray<string> | null
  }>
  /** Ticks for one token of each class. */
  readonly rates: { readonly [tokenClass: string]: number } | null
  readonly priceSource: string | null
  readonly tokens: {
    readonly source: string
    readonly note: string | null
    readonly grids: { readonly [quality: string]: number } | null
    readonly rows: ReadonlyArray<readonly [quality: string, size: string, tokens: number]>
  } | null
}
