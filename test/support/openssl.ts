// Whether the program is here that certificates are made with.

import { spawnSync } from 'node:child_process'

export const hasOpenssl = spawnSync('openssl', ['version'], { stdio: 'ignore' }).status === 0
if (!hasOpenssl) process.stderr.write('openssl is not installed: what needs certificates is skipped\n')
