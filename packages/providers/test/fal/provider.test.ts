import { falSuite } from "./falSuite.ts"
import { executable, ofEachKind } from "./samples.ts"

const others = executable.filter((model) => !ofEachKind.includes(model))

falSuite(Object.fromEntries(others.map(({ id }) => [id, "one of its kind is called; provider.long.test.ts calls all"])))
