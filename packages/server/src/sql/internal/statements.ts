import type { SqlClient } from "@effect/sql/SqlClient"
import type { Connection, Row } from "@effect/sql/SqlConnection"
import type { SqlError } from "@effect/sql/SqlError"
import { currentTransformer, type Identifier, type Statement } from "@effect/sql/Statement"
import { isTraced } from "@image-skill/core/kernel/Traces"
import { type Context, Effect, type Fiber } from "effect"

const isObserved = (fiber: Fiber.RuntimeFiber<unknown, unknown>) =>
  isTraced(fiber) || fiber.getFiberRef(currentTransformer)._tag === "Some"

/**
 * The client's template function, but statements that nobody traces or transforms go to their connection at once: no
 * scope, no span, no search.
 */
export const direct = (client: SqlClient, connectionIn: (context: Context.Context<never>) => Connection) => {
  function template<A extends object = Row>(
    strings: TemplateStringsArray,
    ...parameters: ReadonlyArray<unknown>
  ): Statement<A>
  function template(name: string): Identifier
  function template<A extends object>(
    strings: TemplateStringsArray | string,
    ...parameters: ReadonlyArray<unknown>
  ): Statement<A> | Identifier {
    if (typeof strings === "string") return client(strings)
    const statement = client<A>(strings, ...parameters)
    return Object.assign(statement, {
      commit: () =>
        Effect.withFiberRuntime<ReadonlyArray<A>, SqlError>((fiber) => {
          if (isObserved(fiber)) return client<A>(strings, ...parameters)
          const [text, values] = statement.compile()
          return connectionIn(fiber.currentContext).execute(text, values, undefined)
        })
    })
  }
  return template
}
