/** What a flag's values were read as, or what is wrong with them as the end of a sentence: "must be a whole number". */
export type Reading<A> = { readonly ok: true; readonly value: A } | { readonly ok: false; readonly problem: string }

/** A flag as data: parsing, help, JSON help and the docs come from this one declaration. */
export interface Flag<out A = unknown> {
  /** Without the dashes. A name means the same kind of flag in every command. */
  readonly name: string
  readonly kind: "boolean" | "text" | "integer" | "decimal" | "json"
  readonly repeated: boolean
  readonly required: boolean
  readonly help: string
  /** Stands for the value in help; booleans have none. */
  readonly valueName: string | null
  readonly choices: ReadonlyArray<string>
  readonly defaultText: string | null
  /** The environment variable that says the same when the flag is absent. */
  readonly environment: string | null
  /** Reads the values as typed, in order; none means that the flag is absent. */
  readonly read: (values: ReadonlyArray<string>) => Reading<A>
}

export interface Positional {
  readonly name: string
  readonly required: boolean
  readonly help: string
}

/** One command as data. What it does is in `programs/`, loaded only when it runs. */
export interface Command<out Name extends string = string> {
  /** The words typed, separated by a space. */
  readonly name: Name
  readonly aliases: ReadonlyArray<string>
  readonly summary: string
  readonly description: string
  readonly positionals: ReadonlyArray<Positional>
  readonly flags: ReadonlyArray<Flag>
  /** Of each group one flag is needed by nearly every call: a suggested command names the first of it. */
  readonly needs: ReadonlyArray<ReadonlyArray<Flag>>
  readonly examples: ReadonlyArray<string>
}

/** What was typed after the command's words, checked against its declaration. */
export interface Arguments {
  readonly flags: ReadonlyMap<string, ReadonlyArray<string>>
  readonly positionals: ReadonlyArray<string>
}

interface Words {
  readonly name: string
  readonly help: string
  readonly environment?: string
}

interface ValueWords extends Words {
  readonly valueName: string
}

const good = <A>(value: A): Reading<A> => ({ ok: true, value })
const bad = (problem: string): Reading<never> => ({ ok: false, problem })

const shown = (text: string) => JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text)

const plain = { repeated: false, required: false, choices: [], defaultText: null, environment: null, valueName: null }

/** A flag that stands alone; giving it a value is refused. */
export const boolean = (words: Words): Flag<boolean> => ({
  ...plain,
  ...words,
  kind: "boolean",
  read: (values) => good(values.length > 0)
})

const single =
  <A>(parse: (text: string) => Reading<A>) =>
  (values: ReadonlyArray<string>): Reading<A | undefined> => {
    const [text] = values
    return text === undefined ? good(undefined) : parse(text)
  }

const nonEmpty = (text: string): Reading<string> => (text === "" ? bad("must not be empty") : good(text))

/** Text, verbatim: never trimmed. */
export const text = (words: ValueWords & { readonly mayBeEmpty?: boolean }): Flag<string | undefined> => ({
  ...plain,
  ...words,
  kind: "text",
  read: single(words.mayBeEmpty === true ? good : nonEmpty)
})

/** Text that may be given several times; the order is kept. */
export const texts = (words: ValueWords): Flag<ReadonlyArray<string>> => ({
  ...plain,
  ...words,
  kind: "text",
  repeated: true,
  read: (values) => (values.includes("") ? bad("must not be empty") : good(values))
})

export const choice = <const Value extends string>(
  words: ValueWords & { readonly choices: ReadonlyArray<Value> }
): Flag<Value | undefined> => ({
  ...plain,
  ...words,
  kind: "text",
  read: single((given) => {
    const found = words.choices.find((one) => one === given)
    return found === undefined ? bad(`is ${shown(given)}; allowed: ${words.choices.join(", ")}`) : good(found)
  })
})

/** A whole number within its limits. */
export const integer = (
  words: ValueWords & { readonly min: number; readonly max: number }
): Flag<number | undefined> => ({
  ...plain,
  ...words,
  kind: "integer",
  read: single((given) => {
    const value = /^-?\d{1,15}$/.test(given) ? Number(given) : Number.NaN
    return value >= words.min && value <= words.max
      ? good(value)
      : bad(`is ${shown(given)}; allowed: a whole number from ${words.min} to ${words.max}`)
  })
})

/** An amount of money in USD: a plain decimal, so that nobody's thousands separator is misread. */
export const usd = (words: Words): Flag<number | undefined> => ({
  ...plain,
  ...words,
  valueName: "USD",
  kind: "decimal",
  read: single((given) =>
    /^\d{1,9}(\.\d{1,10})?$/.test(given)
      ? good(Number(given))
      : bad(`is ${shown(given)}; allowed: a decimal amount in USD without sign or unit, such as 0.05`)
  )
})

/** JSON text. It is decoded by the program that needs it: the hot path has no JSON reader. */
export const json = (words: ValueWords): Flag<string | undefined> => ({ ...text(words), kind: "json" })

export const required = <A>(flag: Flag<A | undefined>): Flag<A> => ({
  ...flag,
  required: true,
  read: (values) => {
    const reading = flag.read(values)
    if (!reading.ok) return reading
    return reading.value === undefined ? bad("is required") : good(reading.value)
  }
})

export const withDefault = <A>(flag: Flag<A | undefined>, value: A): Flag<A> => ({
  ...flag,
  defaultText: String(value),
  read: (values) => {
    const reading = flag.read(values)
    if (!reading.ok) return reading
    return good(reading.value === undefined ? value : reading.value)
  }
})

/** The value of a flag of the command that was parsed. */
export const valueOf = <A>(given: Arguments, flag: Flag<A>): A => {
  const reading = flag.read(given.flags.get(flag.name) ?? [])
  // Parsing has read every declared flag already: this is a program asking for a flag that its command lacks.
  if (!reading.ok) throw new Error(`--${flag.name} ${reading.problem}`)
  return reading.value
}

/** A positional that the command's declaration makes required. */
export const positionalOf = (given: Arguments, index: number): string => {
  const value = given.positionals[index]
  if (value === undefined) throw new Error(`positional ${index} was not parsed`)
  return value
}

/** Declares a command; what most commands do not have may be left out. */
export const command = <const Name extends string>(
  declaration: Pick<Command<Name>, "name" | "summary" | "examples"> & Partial<Command<Name>>
): Command<Name> => ({
  aliases: [],
  description: "",
  positionals: [],
  flags: [],
  needs: [],
  ...declaration
})
