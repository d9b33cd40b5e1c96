import type { PaletteName } from "./Palette.ts"

export const motifIds = [
  "mountains",
  "sea",
  "dunes",
  "forest",
  "city",
  "space",
  "flow",
  "crystal",
  "bauhaus",
  "paper",
  "bloom",
  "abstract"
] as const

export type MotifId = (typeof motifIds)[number]

export const styleIds = [
  "natural",
  "screenprint",
  "risograph",
  "popart",
  "linocut",
  "watercolor",
  "oil",
  "minimal",
  "neon",
  "vintage",
  "pixel"
] as const

export type StyleId = (typeof styleIds)[number]

export type Weather = "fog" | "rain" | "snow" | "clear"

/**
 * Words in their singular, without accents, in English, then Spanish, French, German, Italian, Portuguese, Dutch where
 * they differ. A word may be in several lists. Words that mean something else in English (`see`, `or`, `mare`) stay out.
 */
const list = (text: string): ReadonlyArray<string> => text.split(",").map((word) => word.trim())

export const motifWords: Readonly<Record<MotifId, ReadonlyArray<string>>> = {
  mountains: list(
    `mountain, mountainside, alp, alpine, peak, valley, ridge, hill, landscape, cliff, volcano, himalaya, fuji, canyon,
    horizon, summit, everest, highland, fjord, matterhorn, montana, sierra, colina, paisaje, montagne, colline, paysage,
    berg, gebirge, hugel, landschaft, tal, montagna, paesaggio, vulcano, montanha, paisagem, bergen, landschap, volcan`
  ),
  sea: list(
    `sea, ocean, wave, beach, lake, coast, coastline, shore, water, sail, sailboat, boat, ship, yacht, island, harbour,
    harbor, lighthouse, river, bay, lagoon, surf, tide, mar, oceano, playa, ola, barco, lago, isla, mer, plage, vague,
    bateau, ile, lac, meer, ozean, strand, welle, insel, schiff, onda, spiaggia, barca, isola, praia, ilha, zee`
  ),
  dunes: list(
    `desert, dune, sand, sahara, camel, oasis, pyramid, gobi, desierto, arena, duna, dune, sable, wuste, deserto, sabbia,
    deserto, areia, woestijn, egypt`
  ),
  forest: list(
    `forest, wood, woodland, pine, tree, jungle, cabin, fox, deer, wolf, bear, owl, grove, spruce, taiga, rainforest,
    bosque, arbol, pino, selva, foret, arbre, sapin, wald, baum, tanne, foresta, bosco, albero, floresta, arvore, bos`
  ),
  city: list(
    `city, skyline, town, building, street, urban, tokyo, new york, paris, london, downtown, skyscraper, metropolis,
    manhattan, cityscape, cyberpunk, tower, ciudad, edificio, calle, ville, rue, immeuble, stadt, strasse, gebaude, citta,
    strada, cidade, rua, predio, stad`
  ),
  space: list(
    `space, galaxy, nebula, cosmos, planet, star, universe, astronaut, rocket, orbit, alien, moon, comet, saturn, mars,
    jupiter, milky way, spaceship, cosmic, espacio, galaxia, estrella, planeta, luna, espace, galaxie, etoile, planete,
    lune, weltall, weltraum, stern, mond, spazio, stella, pianeta, espaco, estrela, lua, ruimte, ster, maan`
  ),
  flow: list(
    `flow, music, wind, dance, silk, energy, jazz, song, motion, smoke, emotion, sound, swirl, river flow, current, melody,
    rhythm, hair, movement, musica, viento, danza, musique, vent, danse, musik, wind, tanz, vento, muziek, cancion`
  ),
  crystal: list(
    `crystal, gem, gemstone, diamond, ice, glass, polygon, low poly, facet, origami, robot, quartz, amethyst, emerald,
    ruby, sapphire, jewel, mineral, glacier, cristal, gema, diamante, hielo, vidrio, glace, diamant, verre, kristall,
    edelstein, eis, glas, cristallo, gemma, ghiaccio, vetro, gelo, vidro, kristal`
  ),
  bauhaus: list(
    `bauhaus, modernist, modernism, poster, grid, geometry, geometric, shape, pattern, tile, midcentury, mid century, logo,
    architecture, design, circle, square, triangle, mosaic, geometria, patron, cartel, forma, geometrie, motif, affiche,
    forme, muster, plakat, geometrico, manifesto, cartaz, patroon`
  ),
  paper: list(
    `paper, papercut, paper cut, topographic, topography, map, contour, layer, layered, cave, agate, marble, terrain, strata,
    papel, mapa, papier, carte, karte, carta, mappa, cueva, grotte, hohle`
  ),
  bloom: list(
    `flower, bloom, blossom, rose, garden, petal, dahlia, lotus, mandala, sunflower, bouquet, butterfly, bird, meadow,
    tulip, poppy, peony, daisy, lily, orchid, floral, botanical, cat, dog, rabbit, bee, flor, jardin, rosa, girasol, fleur,
    tournesol, blume, blute, garten, fiore, giardino, girasole, jardim, bloem, tuin, prado, wiese, mariposa, pajaro`
  ),
  abstract: list(
    `abstract, abstraction, abstracto, abstrait, abstrakt, astratto, abstrato, idea, concept, meaning, soul, memory, time,
    gradient, wallpaper, composition, suprematism, kandinsky, orphism`
  )
}

export const styleWords: Readonly<Record<StyleId, ReadonlyArray<string>>> = {
  natural: list(`photo, photograph, photorealistic, realistic, natural, cinematic`),
  screenprint: list(
    `screen print, screenprint, silkscreen, silk screen, serigraph, serigraphy, serigrafia, serigraphie, siebdruck,
    screen printed, travel poster, poster art, gig poster, litho, lithograph`
  ),
  risograph: list(`risograph, riso, riso print, risografia, zine, mimeograph`),
  popart: list(`pop art, popart, halftone, comic, warhol, lichtenstein, cartoon, tebeo, bande dessinee`),
  linocut: list(
    `linocut, woodcut, lino, lino print, wood engraving, engraving, engraved, woodblock, block print, etching, linoleum,
    ukiyo e, holzschnitt, linolschnitt, xilografia, linogravure, gravure, grabado, incisione, ink, ink drawing, scratchboard`
  ),
  watercolor: list(
    `watercolor, watercolour, aquarelle, acuarela, aquarell, acquerello, aquarela, wash, gouache, ink wash, watercolor painting`
  ),
  oil: list(
    `oil painting, oil, painting, painted, impressionist, impressionism, impasto, van gogh, monet, canvas, brush, acrylic,
    pintura, peinture, gemalde, olgemalde, dipinto, oleo, huile, brushstroke`
  ),
  minimal: list(
    `minimal, minimalist, minimalism, minimalista, minimaliste, minimalistisch, simple, flat, flat design, vector, zen, clean,
    sencillo, einfach, semplice`
  ),
  neon: list(
    `neon, cyberpunk, synthwave, vaporwave, retrowave, electric, glow, glowing, hacker, tron, luminous, fluorescent, outrun`
  ),
  vintage: list(
    `vintage, retro, antique, old, seventies, 70s, nostalgia, nostalgic, faded, polaroid, film, analog, analogue, sepia,
    antiguo, ancien, alt, antico, antigo, lomo`
  ),
  pixel: list(`pixel, pixel art, 8 bit, 8bit, 16 bit, sprite, arcade, video game, pixelart`)
}

export const paletteWords: Readonly<Partial<Record<PaletteName, ReadonlyArray<string>>>> = {
  sunset: list(
    `sunset, dusk, evening, twilight, golden hour, puesta de sol, atardecer, ocaso, coucher de soleil, crepuscule, soir,
    sonnenuntergang, abend, dammerung, tramonto, sera, por do sol, entardecer, zonsondergang`
  ),
  dawn: list(
    `dawn, sunrise, morning, daybreak, amanecer, alba, manana, aube, aurore, matin, lever de soleil, sonnenaufgang, morgen,
    morgendammerung, mattino, nascer do sol, manha, zonsopgang`
  ),
  day: list(
    `day, noon, sky, clear, daylight, sunny, cloud, dia, cielo, jour, ciel, tag, himmel, giorno, ceu, sun, sol, soleil, sonne, sole`
  ),
  night: list(
    `night, midnight, moon, moonlit, moonlight, starry, nocturne, noche, nuit, nacht, notte, noite, medianoche, minuit,
    mitternacht, mezzanotte, dark, darkness, halloween`
  ),
  autumn: list(
    `autumn, fall, harvest, october, november, leaf, leave, maple, pumpkin, otono, automne, herbst, autunno, outono, herfst`
  ),
  spring: list(
    `spring, blossom, april, meadow, cherry, garden, flower, primavera, printemps, fruhling, lente, blume, fleur, flor, fiore, daisy, tulip`
  ),
  winter: list(
    `winter, snow, frost, snowy, january, christmas, invierno, nieve, hiver, neige, schnee, inverno, neve, sneeuw`
  ),
  summer: list(
    `summer, july, august, vacation, holiday, beach, verano, ete, sommer, estate, verao, zomer, playa, plage`
  ),
  forest: list(
    `forest, wood, woods, pine, jungle, moss, tree, leafy, nature, fern, bosque, foret, wald, foresta, floresta, selva, fox,
    deer, wolf, bear`
  ),
  ocean: list(
    `ocean, sea, wave, water, lake, river, coast, underwater, marine, island, harbour, harbor, mar, mer, meer, lago, lac, oceano, ozean, whale, fish, dolphin`
  ),
  desert: list(
    `desert, dune, sand, sahara, canyon, mesa, clay, terracotta, mars, camel, desierto, wuste, deserto, egypt, arena, sable`
  ),
  neon: list(
    `neon, cyberpunk, synthwave, vaporwave, electric, retrowave, arcade, glitch, hacker, outrun, tron, fluorescent, tokyo`
  ),
  pastel: list(
    `pastel, soft, gentle, baby, candy, cotton, dream, dreamy, calm, kawaii, sueno, reve, traum, sogno, unicorn`
  ),
  mono: list(
    `monochrome, noir, black and white, grayscale, greyscale, ink, charcoal, pencil, sketch, blanco y negro, noir et blanc, schwarzweiss, bianco e nero`
  ),
  gold: list(`gold, golden, brass, honey, luxury, dorado, dore, golden, oro, dourado, treasure, crown, king, queen`),
  ice: list(
    `ice, glacier, arctic, crystal, glass, diamond, frozen, polar, penguin, hielo, glace, eis, ghiaccio, antarctic`
  ),
  fire: list(
    `fire, lava, flame, volcano, ember, inferno, dragon, phoenix, fuego, feu, feuer, fuoco, fogo, drache, dragon`
  ),
  space: list(
    `space, galaxy, nebula, cosmos, cosmic, planet, universe, astronaut, rocket, orbit, alien, galaxia, galaxie, weltall, espacio, espace`
  ),
  vintage: list(
    `vintage, retro, antique, old, seventies, 70s, nostalgia, coffee, bauhaus, midcentury, cafe, library, book`
  ),
  rose: list(
    `rose, romance, romantic, valentine, heart, wine, velvet, amor, amour, liebe, amore, rosa, peony, love, wedding`
  ),
  storm: list(
    `storm, thunder, stormy, cloudy, steel, concrete, tormenta, orage, tempete, sturm, gewitter, tempesta, tempestade, overcast`
  ),
  tropical: list(`tropical, tropic, parrot, palm, mango, carnival, fruit, party, hawaii, flamingo, toucan, papaya`)
}

/** Words whose palette is only a hint: another word in the prompt decides. */
export const faintPaletteWords: ReadonlySet<string> = new Set(
  list(
    `sky, cloud, tree, wood, water, garden, flower, moon, sun, soft, old, dark, nature, leaf, coffee, day, glass, ink, blume, fleur, flor, fiore, book`
  )
)

export const weatherWords: Readonly<Record<Weather, ReadonlyArray<string>>> = {
  fog: list(
    `fog, foggy, mist, misty, haze, hazy, niebla, brouillard, brume, nebel, neblig, nebbia, nevoa, mist, bruma, brumoso, brumeux`
  ),
  rain: list(`rain, rainy, storm, stormy, drizzle, lluvia, pluie, regen, pioggia, chuva, thunder, monsoon`),
  snow: list(
    `snow, snowy, winter, snowfall, blizzard, frost, nieve, neige, schnee, neve, sneeuw, christmas, snowcapped`
  ),
  clear: list(`clear, cloudless, despejado, klar, sereno`)
}

export const nightWords: ReadonlySet<string> = new Set(
  list(
    `night, midnight, moon, moonlit, moonlight, starry, nocturne, noche, nuit, nacht, notte, noite, luna, lune, mond, lua, neon, cyberpunk, medianoche, minuit, mitternacht, northern light`
  )
)

/** Words that want room in the picture. */
export const sparseWords: ReadonlySet<string> = new Set(
  list(`minimal, minimalist, minimalism, zen, simple, calm, quiet, empty, lonely, solitude`)
)

const colourHexes: Readonly<Record<string, string>> = {
  "#d7263d": `red, rojo, rouge, rot, rosso, vermelho, rood`,
  "#b3123a": `crimson, carmine`,
  "#e0301e": `scarlet, vermilion`,
  "#f4772e": `orange, naranja, arancione, laranja, oranje`,
  "#f5a623": `amber`,
  "#f7d038": `yellow, amarillo, jaune, gelb, giallo, amarelo, geel, lemon`,
  "#a8d62f": `lime, chartreuse`,
  "#2f9e58": `green, verde, vert, grun, groen`,
  "#119a6b": `emerald, jade`,
  "#8fdcc0": `mint`,
  "#12908e": `teal, petrol`,
  "#2bc4b6": `turquoise, aqua, turquesa`,
  "#22b8d6": `cyan`,
  "#2a63d6": `blue, azul, bleu, blau, azzurro, blu, blauw, cobalt`,
  "#142a5c": `navy`,
  "#3f37a8": `indigo, ultramarine`,
  "#7a3fc2": `violet, violeta, violett, viola`,
  "#7b2fa8": `purple, morado, pourpre, lila, roxo, paars`,
  "#b9a4e3": `lavender, lilac, lavande`,
  "#d6219b": `magenta, fuchsia`,
  "#f080ac": `pink, roze`,
  "#ff7a66": `coral, salmon`,
  "#7a4a2b": `brown, marron, braun, marrone, chocolate, bruin`,
  "#e6d5b5": `beige, tan`,
  "#f8efd8": `cream, ivory`,
  "#f6f6f3": `white, blanco, blanc, weiss, bianco, branco, wit`,
  "#151518": `black, negro, schwarz, nero, preto, zwart`,
  "#8f989f": `grey, gray, gris, grau, grigio, silver, cinza, grijs`,
  "#ffb890": `peach, apricot`,
  "#77803a": `olive, khaki`,
  "#6d1428": `maroon, burgundy`,
  "#b3471d": `rust, copper`,
  "#cc8a2b": `ochre, mustard`,
  "#1747b0": `sapphire`,
  "#a80f3f": `ruby`
}

/** A colour word and its `#rrggbb`. */
export const colourWords: ReadonlyMap<string, string> = new Map(
  Object.entries(colourHexes).flatMap(([hex, words]) => list(words).map((word) => [word, hex] as const))
)
