// What the journal says of a symbol, in words.

import { expect, test } from 'vitest'
import { walkJournal } from '../../../engine/walk.ts'
import { SymbolStory } from '../../../ops/explain/story-of-symbol.ts'
import { quotedJournal } from '../../support/quoted-journal.ts'

function storyOf(symbolId: number): string[] {
  const story = new SymbolStory(symbolId)
  const texts: string[] = []
  walkJournal(quotedJournal(), Number.POSITIVE_INFINITY, (core) => {
    texts.push(...story.after(core).map(({ text }) => text))
    return true
  })
  return texts
}

test('the story tells who may quote, what each quote was granted and why not more, and each fill', () => {
  expect(storyOf(0)).toEqual([
    'strategy-1 is present, incarnation 1.',
    'the symbol is assigned to strategy-1 instead of nobody: a node joined.',
    'strategy-1 is granted the authority to quote, token 1, for 1000 ms unless renewed.',
    expect.stringMatching(
      /^strategy-1 asks for 20 x 120 lots at 9\.95 \/ 10\.05 \(quote 2, from position version 0, token 1\): 20 x 100 granted, 0 and 20 lots less, because /,
    ),
    'strategy-1 buys 7 lots at 9.95 (trade 1): the position is 7 lots, version 1.',
    'strategy-1 asks for 5 x 5 lots (quote 3, from position version 0, token 1): refused, it was computed from an older position.',
    'strategy-1 asks for 5 x 5 lots (quote 4, from position version 1, token 9): refused, its sender does not hold the authority that it names.',
    'strategy-1 keeps to a limit of its own: its loss limit was reached; its loss is 123.45, and it only makes positions smaller.',
    'strategy-1 is gone: it was not heard of in time.',
    'the authority of strategy-1 ends, token 1 is void: its lease was not renewed in time.',
    'quote 2 of strategy-1 is withdrawn: the authority that it stood under ended.',
    'the symbol is assigned to nobody instead of strategy-1: a node is gone.',
  ])
})

test('what concerns another symbol is not told', () => {
  expect(storyOf(1).filter((text) => text.includes('quote ') || text.includes('lots'))).toEqual([])
})
