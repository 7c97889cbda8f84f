// How pictures look: quiet lines, in the colours of the page that shows them, light or dark.

export const STYLE = `<style>
  .paper { fill: #ffffff } .box { fill: #f3f6fa; stroke: #5b6b80 } .part { fill: none; stroke: #8493a8; stroke-dasharray: 5 4 }
  .arrow, .lane { stroke: #41506b; stroke-width: 1.4; fill: none } .lane { stroke-dasharray: 2 4 } .head { fill: #41506b }
  text { font-family: system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1c2635; font-size: 12.5px }
  .title { font-size: 16px; font-weight: 600 } .name { font-weight: 600 } .more, .part-name { fill: #47566d; font-size: 12px }
  .label { font-size: 11.5px; fill: #2d3b52 } .note { fill: #fff4d6; stroke: #b08a2e }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0f141b } .box { fill: #1a222d; stroke: #7f8ea3 } .part { stroke: #67768c }
    .arrow, .lane { stroke: #9fb0c8 } .head { fill: #9fb0c8 } text { fill: #e4eaf2 }
    .more, .part-name { fill: #aab8cb } .label { fill: #c9d4e3 } .note { fill: #33290f; stroke: #b08a2e }
  }
</style>
<defs><marker id="point" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path class="head" d="M0 0 L8 4 L0 8 z"/></marker></defs>`

export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
