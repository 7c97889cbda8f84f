// Which tests run, and for how long one may.

import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Tests of real pages run apart: npm run test:page.
    exclude: ['test/page/**', '**/node_modules/**'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    expect: { poll: { timeout: 10_000 } },
    // Two cores: more workers only wait for each other.
    maxWorkers: 2,
    reporters: ['default'],
  },
})
