/** The one style of the reference; the page's policy allows it by its hash. */
export const style = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: light-dark(#0b62c4, #7db7ff); --dim: light-dark(#555, #aaa) }
* { box-sizing: border-box }
body { margin: 0; background: Canvas; color: CanvasText; font: 15px/1.55 system-ui, sans-serif; display: grid; grid-template: auto 1fr / 17rem minmax(0, 1fr) }
nav { grid-area: 1 / 1 / span 2; position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem; border-right: 1px solid var(--line); font-size: 13px }
nav ul { list-style: none; margin: 0; padding: 0 }
nav ul ul { padding: 0 0 .6rem .8rem }
nav li { margin: .15rem 0 }
header, main { grid-column: 2; padding: 0 2rem; max-width: 64rem }
main { padding-bottom: 6rem }
a { color: var(--accent); text-decoration: none }
a:hover, a:focus-visible { text-decoration: underline }
code { font: 13px ui-monospace, monospace; background: var(--soft); padding: .05em .3em; border-radius: 4px; overflow-wrap: break-word }
h2 { margin: 3rem 0 0; padding-top: 1rem; border-top: 2px solid var(--line) }
h3 { margin: 2rem 0 .3rem; font-size: 1.05rem; overflow-wrap: break-word }
h4 { margin: 1rem 0 0; font-size: 1rem }
section { scroll-margin-top: .5rem }
section:target h3, :target > code { background: light-dark(#fff3bf, #4a3d00) }
b.get { color: light-dark(#087443, #5fd39a) } b.post { color: light-dark(#9a5300, #f3b45e) } b.delete { color: light-dark(#b3261e, #ff9b93) }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 }
th { text-align: left; font-weight: 600; font-size: 12px }
th, td { padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
small { color: var(--dim) }
summary { cursor: pointer; margin: .4rem 0; color: var(--accent) }
@media (min-width: 64rem) { td:first-child { white-space: nowrap } td:first-child wbr { display: none } }
@media (max-width: 50rem) {
  body { display: block }
  header, main { padding: 0 1rem }
  nav { position: static; height: auto; max-height: 45vh; margin: 0 1rem; border: 1px solid var(--line); border-radius: 6px }
  thead { display: none }
  tr { display: flex; flex-wrap: wrap; column-gap: .8rem; padding: .3rem 0; border-bottom: 1px solid var(--line) }
  td { padding: 0; border: 0; min-width: 0 }
  td:last-child, .errors td:first-child { flex-basis: 100% }
  td:empty { display: none }
  .errors td:nth-child(2)::before { content: "exit " } .errors td:nth-child(3)::before { content: "status " } .errors td:nth-child(4)::before { content: "retry: " }
}
`
