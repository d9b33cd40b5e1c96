/** Made when it is first asked for, and kept: a start reads a model's id and little else. */
export const lazily = <A>(make: () => A): (() => A) => {
  let made: { readonly value: A } | undefined
  return () => (made ??= { value: make() }).value
}
