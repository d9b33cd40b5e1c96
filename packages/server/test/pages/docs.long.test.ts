import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { onFolder } from "../serve/house.ts"
import { browserFile, inBrowser, type Page, type Screen } from "./browser.ts"

/** A folder for pictures of what was looked at; none are taken without one. */
const pictures = process.env["IMAGE_SKILL_BROWSER_PICTURES"]

if (browserFile === null) console.warn("no chromium here: /docs was not looked at in a browser")

const screens: ReadonlyArray<Screen> = (["light", "dark"] as const).flatMap((scheme) =>
  [1280, 820, 390].map((width) => ({ width, height: 1200, scheme }))
)

/** A link to each place of the page is clicked; those that then do not show it. */
const lostLinks = `[...new Map([...document.querySelectorAll('a[href^="#"]')].map((link) => [link.hash, link])).values()]
  .flatMap((link) => {
    link.click()
    const target = document.getElementById(decodeURIComponent(link.hash.slice(1)))
    const { height, top } = target?.getBoundingClientRect() ?? { height: 0, top: 0 }
    const isShown = location.hash === link.hash && height > 0 && top >= -1 && top < innerHeight
    return isShown ? [] : [link.hash + " at " + top]
  })`

/** Texts whose contrast with what is behind them is below 4.5, by WCAG's formula. */
const paleTexts = `(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true })
  const behind = (element) => element === null ? [] : [...behind(element.parentElement), getComputedStyle(element).backgroundColor]
  const luminance = (colors) => {
    for (const color of colors) { canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1) }
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((part) => part / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const seen = new Set()
  return [...document.querySelectorAll("body *")].flatMap((element) => {
    const colors = [...behind(element), getComputedStyle(element).color]
    if (element.textContent.trim() === "" || seen.has(colors.join())) return []
    seen.add(colors.join())
    const [back, text] = [luminance(colors.slice(0, -1)), luminance(colors)].sort((a, b) => a - b)
    const contrast = (text + 0.05) / (back + 0.05)
    return contrast >= 4.5 ? [] : [element.tagName + " " + contrast + " " + colors.join(" ")]
  })
})()`

/** What sticks out of the screen, or out of its own place. */
const cutTexts = `[...document.querySelectorAll("header, nav, h2, h3, h4, p, summary, .wide")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 || one.scrollWidth > one.clientWidth + 1)
  .map((element) => element.outerHTML.slice(0, 120))`

const open = async (page: Page, url: string, screen: Screen) => {
  await page.open("about:blank", screen)
  await page.open(url, screen)
  await page.value("document.querySelectorAll('details').forEach((one) => { one.open = true })")
}

const photographed = async (page: Page, { scheme, width }: Screen) => {
  if (pictures === undefined) return
  await mkdir(pictures, { recursive: true })
  for (const place of ["", "studio.create", "schema-Asset", "errors"]) {
    await page.value(`document.getElementById("${place}")?.scrollIntoView() ?? scrollTo(0, 0)`)
    await writeFile(join(pictures, `docs-${width}-${scheme}-${place === "" ? "top" : place}.png`), await page.picture())
  }
}

const Paths = Schema.Record({
  key: Schema.String,
  value: Schema.Record({ key: Schema.String, value: Schema.Struct({ operationId: Schema.String }) })
})
const decodeDocument = Schema.decodeUnknownSync(Schema.parseJson(Schema.Struct({ paths: Paths })))
const decodeTexts = Schema.decodeUnknownSync(Schema.Array(Schema.String))

/** Method and path of every endpoint, under its id. */
const endpointsAt = async (url: string) => {
  const { paths } = decodeDocument(await (await fetch(`${url}/openapi.json`)).text())
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { operationId }]) => ({ operationId, words: `${method.toUpperCase()} ${path}` }))
  )
}

describe.skipIf(browserFile === null)("/docs in a browser", () => {
  it(
    "shows and reaches everything on every screen, by day and by night, and asks nobody but this house",
    () =>
      onFolder(async (start) => {
        const { url } = await start()
        await inBrowser(async (page) => {
          for (const screen of screens) {
            const where = JSON.stringify(screen)
            await open(page, `${url}/docs`, screen)
            assert.strictEqual(await page.value("getComputedStyle(document.body).colorScheme"), "light dark", where)
            assert.isAtMost(Number(await page.value("document.documentElement.scrollWidth")), screen.width, where)
            for (const script of [lostLinks, paleTexts, cutTexts]) {
              assert.deepStrictEqual(await page.value(script), [], where)
            }
            await photographed(page, screen)
          }
          for (const { operationId, words } of await endpointsAt(url)) {
            const id = JSON.stringify(operationId)
            assert.strictEqual(
              await page.value(`document.getElementById(${id})?.querySelector("h3").textContent`),
              words
            )
            const inContents = `document.querySelector("nav a[href=" + CSS.escape("#" + ${id}) + "]") !== null`
            assert.isTrue(await page.value(inContents), operationId)
          }
          const others = await page.value(
            `[...document.querySelectorAll('a:not([href^="#"])')].map((link) => link.href)`
          )
          for (const other of decodeTexts(others)) {
            assert.strictEqual(new URL(other).origin, url)
            assert.strictEqual((await fetch(other)).status, 200, other)
          }
          assert.deepStrictEqual(
            [...new Set(page.requests)].filter((asked) => asked !== `${url}/docs`),
            []
          )
          assert.deepStrictEqual(page.complaints, [])
        })
      }),
    120_000
  )
})
