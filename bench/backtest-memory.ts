// One backtest in a process of its own, which tells how much memory it took at most: script <feed>.

import { runBacktest } from '../backtest/io/run-backtest.ts'
import { defaultSettings } from '../backtest/io/run-settings.ts'

const feed = process.argv[2] ?? ''
await runBacktest({ feeds: [feed], settings: { ...defaultSettings(), strategy: 'inventory-quoter', mode: 'replay' } })
process.send?.(process.resourceUsage().maxRSS * 1_024)
process.disconnect?.()
process.stdin.destroy()
