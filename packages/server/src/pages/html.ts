/** The few pieces that the reference is made of. Everything that is given as text is escaped; content is HTML already. */

export const escaped = (text: string) => text.replace(/[&<>"']/g, (one) => `&#${one.charCodeAt(0)};`)

export const tag = (name: string, content: string, attributes = "") => `<${name}${attributes}>${content}</${name}>`

/** Words of ours, in which backticks mark what is typed. */
export const prose = (text: string) => escaped(text).replace(/`([^`]+)`/g, "<code>$1</code>")

/** Long names break after their separators and nowhere else; a copy of one has no break in it. */
export const code = (text: string) => tag("code", escaped(text).replace(/[_./\-[](?=[\w{&\]])/g, "$&<wbr>"))

export const anchor = (id: string) => ` id="${escaped(id)}"`

export const link = (to: string, text: string) => `<a href="#${escaped(to)}">${escaped(text)}</a>`

/** Nothing where there is no row. On a narrow screen the heads are hidden, and cells follow each other. */
export const table = (heads: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>, name = "wide") => {
  if (rows.length === 0) return ""
  const head = tag("thead", tag("tr", heads.map((text) => tag("th", text)).join("")))
  const body = tag("tbody", rows.map((row) => tag("tr", row.map((cell) => tag("td", cell)).join(""))).join(""))
  return tag("div", tag("table", head + body), ` class="${name}"`)
}

export const details = (summary: string, content: string) => tag("details", tag("summary", summary) + content)
