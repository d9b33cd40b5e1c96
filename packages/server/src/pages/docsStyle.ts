/** The one style of the reference; the page's policy allows it by its hash. */
export const style = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: light-dark(#0b62c4, #7db7ff) }
* { box-sizing: border-box }
body { margin: 0; font: 15px/1.55 system-ui, sans-serif; display: grid; grid-template-columns: 17rem minmax(0, 1fr) }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem; border-right: 1px solid var(--line); font-size: 13px }
nav ul { list-style: none; margin: 0; padding: 0 }
nav ul ul { padding: 0 0 .6rem .8rem }
nav li { margin: .15rem 0 }
main { padding: 1rem 2rem 6rem; max-width: 64rem }
a { color: var(--accent); text-decoration: none }
a:hover { text-decoration: underline }
code { font: 13px ui-monospace, monospace; background: var(--soft); padding: .05em .3em; border-radius: 4px; overflow-wrap: anywhere }
h2 { margin: 3rem 0 0; padding-top: 1rem; border-top: 2px solid var(--line) }
h3 { margin: 2rem 0 .3rem; font-size: 1.05rem }
section { scroll-margin-top: 1rem }
section:target h3 { background: var(--soft); outline: 4px solid var(--soft) }
b.get { color: light-dark(#087443, #5fd39a) } b.post { color: light-dark(#9a5300, #f3b45e) } b.delete { color: light-dark(#b3261e, #ff9b93) }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 }
th { text-align: left; font-weight: 600; font-size: 12px }
th, td { padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
small { opacity: .7 }
summary { cursor: pointer; margin: .4rem 0; color: var(--accent) }
@media (max-width: 50rem) { body { display: block } nav { position: static; height: auto; border: 0 } main { padding: 1rem } }
`
