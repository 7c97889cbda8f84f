// The page of a drill: every scenario with its verdict, figures and picture, and no more of a long run than can be seen.

import { expect, test } from 'vitest'
import { drillReport } from '../../../ops/drill/drill-report.ts'
import { BUCKET_MS, Timeline } from '../../../ops/drill/timeline.ts'

function timelineOf(answerCounts: readonly number[]): Timeline {
  const timeline = new Timeline()
  timeline.answerCounts.push(...answerCounts)
  return timeline
}

test('verdicts, figures and what happened are told, and nothing of it is taken for markup', () => {
  const timeline = timelineOf([20, 0, 0, 20])
  timeline.moments.push({ ms: 25, text: 'harm: <kill>' }, { ms: 90_000, text: 'much later' })
  const percentiles = { value: 43, unit: 'ms', p50: 43, p99: 122, max: 148 }
  const page = drillReport('a drill', [
    {
      ...{ name: 'one', summary: 'it is harmed', timeline },
      report: {
        checks: [{ name: 'one: commands lost', ok: true, value: 0, limit: 0 }],
        results: [
          { name: 'one', metric: 'unavailability', ...percentiles },
          { name: 'one', metric: 'sentAgain', value: 7, unit: 'commands' },
        ],
      },
    },
    {
      ...{ name: 'two', summary: 'so is this', timeline: timelineOf([]) },
      report: { checks: [{ name: 'two: ran to its end', ok: false, value: 'not ready', limit: null }], results: [] },
    },
  ])
  expect(page).toContain('1 of 2 held.')
  expect(page.match(/class="failed"/g)).toHaveLength(2)
  expect(page.match(/p50 43, p99 122, max 148 ms/g)).toHaveLength(2)
  expect(page).toContain('sent again, because no answer had come')
  expect(page).toContain('0.025 s</td><td>harm: &lt;kill&gt;')
  expect(page).not.toContain('much later')
  // Of what never answered there is no picture.
  expect(page.match(/<svg/g)).toHaveLength(1)
})

test('of a long run the picture shows the beginning, and says so', () => {
  const report = { checks: [], results: [] }
  const timeline = timelineOf(Array.from({ length: 60_000 / BUCKET_MS }, () => 1))
  const page = drillReport('a drill', [{ name: 'long', summary: 'it goes on', report, timeline }])
  expect(page).toContain('the first 30 of 60 s')
})
