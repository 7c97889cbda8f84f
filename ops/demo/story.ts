// What a demo has told so far: steps, sentences and checks, printed as they come and kept for a transcript.

import type { Check } from '../cli/output.ts'

type Step = { readonly title: string; readonly lines: string[] }

export class Story {
  readonly checks: Check[] = []
  readonly #steps: Step[] = []
  readonly #print: (line: string) => void

  constructor(print: (line: string) => void) {
    this.#print = print
  }

  begin(title: string): void {
    this.#steps.push({ title, lines: [] })
    this.#print(`\n${this.#steps.length}. ${title}`)
  }

  /** What happens, or why. */
  say(text: string): void {
    this.#tell(text)
  }

  /** A guarantee, and whether it held just now. */
  guarantee(what: string, ok: boolean, value: number | string, limit: number | string | null = null): void {
    const { title } = this.#steps.at(-1)!
    this.checks.push({ name: `${title}: ${what}`, ok, value, limit })
    const against = limit === null ? '' : ` (at most ${limit})`
    this.#tell(`${ok ? '[held]  ' : '[FAILED]'} ${what}: ${value}${against}`)
  }

  /** The whole of it as Markdown. */
  transcript(command: string): string {
    const steps = this.#steps.map(({ title, lines }, index) => {
      return `## ${index + 1}. ${title}\n\n\`\`\`text\n${lines.join('\n')}\n\`\`\`\n`
    })
    const held = this.checks.filter(({ ok }) => ok).length
    return [
      '# A demo run',
      '',
      `Written by \`${command}\`, which does it again; figures differ from machine to machine. ${held} of`,
      `${this.checks.length} checks held. The picture shows the answers that clients got, and what happened when.`,
      '',
      '![Answers a second](demo.svg)',
      '',
      ...steps,
    ].join('\n')
  }

  #tell(text: string): void {
    this.#steps.at(-1)?.lines.push(text)
    this.#print(`   ${text}`)
  }
}
