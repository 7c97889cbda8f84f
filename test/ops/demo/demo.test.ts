// The demo in its short form: it ends by itself, every guarantee held, and the transcript says what was checked.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runDemo } from '../../../ops/demo/demo.ts'
import { Story } from '../../../ops/demo/story.ts'
import { timelinePicture } from '../../../ops/drill/drill-report.ts'
import { Timeline } from '../../../ops/drill/timeline.ts'

test('every step of the demo holds', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-demo-test-'))
  const timeline = new Timeline()
  const said: string[] = []
  const story = new Story((line) => said.push(line))
  const report = await runDemo(story, {
    ...{ folder, hasPage: false, onPage: () => {}, lookMs: 200, ratePerS: 200, timeline },
    signal: new AbortController().signal,
  })
  expect(report.checks.filter(({ ok }) => !ok)).toEqual([])
  expect(report.checks.length).toBeGreaterThan(15)
  const transcript = story.transcript('./tandem demo')
  for (const title of ['A node joins', 'A node dies', 'The primary dies', 'The cluster restarts']) {
    expect(transcript).toContain(`. ${title}`)
    expect(said.join('\n')).toContain(`. ${title}`)
  }
  expect(timelinePicture('Answers', timeline)).toMatch(/^<svg xmlns=.*<\/svg>\n$/s)
  rmSync(folder, { recursive: true })
}, 120_000)
