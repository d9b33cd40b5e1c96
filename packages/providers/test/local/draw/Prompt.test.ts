import { knownForm, readPrompt } from "@image-skill/providers/local/draw/Prompt"
import { describe, expect, it } from "vitest"

describe("readPrompt", () => {
  it("finds motif, style, light and weather", () => {
    const reading = readPrompt("Misty mountains at sunset, screen print", 7)
    expect(reading).toMatchObject({
      motif: "mountains",
      style: "screenprint",
      night: false,
      palette: { name: "sunset" }
    })
    expect([...reading.weather]).toEqual(["fog"])
    expect(reading.matchedWords).toEqual(["misty", "mountain", "sunset", "screen print"])
  })

  it.each([
    ["mountains", "mountain"],
    ["cities", "city"],
    ["beaches", "beach"],
    ["leaves", "leaf"],
    ["Berge", "berg"],
    ["wälder", "wald"],
    ["blumen", "blume"],
    ["montañas", "montana"],
    ["bateaux", "bateau"],
    ["fiori", "fiore"],
    ["foxes", "fox"]
  ])("knows the plural %s", (plural, singular) => {
    expect(readPrompt(plural, 1).matchedWords).toEqual([singular])
  })

  it.each([
    ["der Wald im Nebel", "forest"],
    ["coucher de soleil sur la mer", "sea"],
    ["la ciudad de noche", "city"],
    ["dune del deserto", "dunes"],
    ["a red fox", "forest"],
    ["the milky way", "space"],
    ["a bouquet of roses", "bloom"]
  ])("reads %s as %s", (prompt, motif) => {
    expect(readPrompt(prompt, 1).motif).toBe(motif)
  })

  it("lets the hour rule the colours of the thing", () => {
    expect(readPrompt("sailing boat on the ocean at dusk", 1).palette.name).toBe("sunset")
  })

  it("does not depend on case, accents or spaces", () => {
    expect(readPrompt("  MONTAÑAS   al   Atardecer ", 3)).toEqual(readPrompt("montanas al atardecer", 3))
  })

  it("matches no part of an unknown word", () => {
    expect(knownForm("seaborgium")).toBeUndefined()
    expect(knownForm("us")).toBeUndefined()
  })
})
