// Loaded before an engine of a drill: its wall clock is off by TANDEM_DRILL_CLOCK_MS, as after a step. The clock that
// counts intervals goes on as it does, as on a machine whose time was set.

const offsetMs = Number(process.env['TANDEM_DRILL_CLOCK_MS'] ?? 0)
const trueNow = Date.now
const { timeOrigin } = performance

Date.now = () => trueNow() + offsetMs
Object.defineProperty(performance, 'timeOrigin', { value: timeOrigin + offsetMs })
