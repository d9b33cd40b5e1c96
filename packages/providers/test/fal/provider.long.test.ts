import { falSuite } from "./falSuite.ts"

falSuite()
