// docs/cli.md from the declarations of the commands: what a server of this version answers at /cli.md.
const pages = new URL("../../packages/cli/build/commandPages.js", import.meta.url)

export const generate = async () => {
  /** @type {{ readonly commandsPage: (url: string | null) => string }} */
  const { commandsPage } = await import(pages.href)
  return { "docs/cli.md": commandsPage(null) }
}
