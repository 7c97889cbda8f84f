// The tests of real pages in a real Chromium: npm run test:page.

import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/page/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A page shows within a second what it is to show; on a machine that does other things, later.
    expect: { poll: { timeout: 10_000 } },
    // One browser at a time: two would compete for the two cores.
    maxWorkers: 1,
    reporters: ['default'],
  },
})
