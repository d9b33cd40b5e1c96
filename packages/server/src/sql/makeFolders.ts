import { mkdir, stat } from "node:fs/promises"
import { dirname } from "node:path"

const isFolder = (path: string) =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false
  )

/**
 * Makes a folder, and those above it, for the owner alone. Node's own recursive `mkdir` never ends below a folder that
 * exists and denies it with ENOENT, such as `/proc`: it goes up and comes down again for ever.
 */
export const makeFolders = async (folder: string): Promise<void> => {
  if (await isFolder(folder)) return
  const parent = dirname(folder)
  if (parent !== folder) await makeFolders(parent)
  await mkdir(folder, { mode: 0o700 }).catch(async (error: unknown) => {
    // Another process may have been faster.
    if (!(await isFolder(folder))) throw error
  })
}
