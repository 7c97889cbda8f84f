// How the dashboard page is built: one script and one style sheet, from page/ into dist/.

import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { InlineConfig } from 'vite'

const here = dirname(fileURLToPath(import.meta.url))

export const pageBuild: InlineConfig = {
  configFile: false,
  root: join(here, 'page'),
  base: './',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es' },
  build: {
    outDir: join(here, 'dist'),
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: false,
    // No inline data: the content security policy of the gateway allows files of its own only.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
}
