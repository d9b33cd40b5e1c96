import { Context } from "effect"

/** The command that an endpoint serves: `image-skill models show`. What the envelope's `command` says. */
export class Command extends Context.Tag("@image-skill/core/api/Command")<Command, string>() {}
