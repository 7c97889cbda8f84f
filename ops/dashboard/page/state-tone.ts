// How well a process is in its state, as a colour says it.

export function stateTone(state: string): 'good' | 'warning' | 'bad' {
  if (state === 'silent' || state === 'failed' || state === 'stopped') return 'bad'
  const isOnItsWay = ['starting', 'recovering', 'stopping', 'waiting', 'joining', 'probing'].includes(state)
  return isOnItsWay ? 'warning' : 'good'
}
