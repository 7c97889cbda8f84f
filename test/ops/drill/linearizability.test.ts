// The checker of client histories: it accepts what one exchange could have answered, in whatever order the times allow,
// and refuses a stale answer, an answer out of thin air, and an order that the times forbid.

import { expect, test } from 'vitest'
import { AlignedBuffer } from '../../../base/aligned-buffer.ts'
import { LinearizabilityChecker, type Operation, replyText } from '../../../ops/drill/linearizability.ts'
import { stampSession, writeCancelOrder, writeNewOrder } from '../../../protocol/command-writer.ts'
import { EventKind, OrderType, Reason, Side, TimeInForce } from '../../../protocol/kinds.ts'

const config = {
  clusterId: 'test',
  instruments: [{ symbol: 'AAA', tickSize: '0.01', lotSize: '1', openingPriceTicks: 10_000 }],
  exposureLots: 100,
  quoteTtlNs: 30_000_000_000,
}

type Times = { readonly clientId: number; readonly clientSeq: number; readonly from: number; readonly to: number }

/** An order that rests, and was answered with this id. `hint` misleads: the search has to find the order by itself. */
function rested(times: Times, orderId: number, priceTicks = 9_000): Operation {
  const order = {
    ...{ symbolId: 0, side: Side.BUY, orderType: OrderType.LIMIT, timeInForce: TimeInForce.GTC },
    ...{ priceTicks, quantityLots: 5, clientOrderId: times.clientSeq },
  }
  const reply = { kind: EventKind.ORDER_ACCEPTED, reason: 0, orderId, priceTicks, quantityLots: 5, leavesLots: 5 }
  return operation(times, (buffer) => writeNewOrder(buffer, 0, order), replyText(reply))
}

function operation(times: Times, write: (buffer: AlignedBuffer) => number, reply: string): Operation {
  const buffer = new AlignedBuffer(128)
  const length = write(buffer)
  stampSession(buffer, 0, times.clientId, times.clientSeq, 1)
  const { clientId, clientSeq } = times
  const hint = -clientId
  return {
    clientId,
    clientSeq,
    bytes: buffer.bytes.slice(0, length),
    sentMs: times.from,
    answeredMs: times.to,
    reply,
    hint,
  }
}

test('commands at the same time may have come in either order', () => {
  for (const [one, other] of [
    [1, 2],
    [2, 1],
  ] as const) {
    const history = [
      rested({ clientId: 1, clientSeq: 1, from: 0, to: 10 }, one),
      rested({ clientId: 2, clientSeq: 1, from: 5, to: 15 }, other),
    ]
    expect(new LinearizabilityChecker(config).check(history)).toMatchObject({ isLinearizable: true, count: 2 })
  }
})

test('a command that was sent after the answer to another came after it', () => {
  const history = [
    rested({ clientId: 1, clientSeq: 1, from: 0, to: 10 }, 2),
    rested({ clientId: 2, clientSeq: 1, from: 11, to: 15 }, 1),
  ]
  expect(new LinearizabilityChecker(config).check(history).isLinearizable).toBe(false)
})

test('an acknowledged order that is gone without a reason is found', () => {
  const cancel = (times: Times) =>
    operation(
      times,
      (buffer) => writeCancelOrder(buffer, 0, 0, 0, 1),
      replyText({
        kind: EventKind.CANCEL_REJECTED,
        reason: Reason.UNKNOWN_ORDER,
        orderId: 0,
        priceTicks: 0,
        quantityLots: 0,
        leavesLots: 0,
      }),
    )
  const history = [
    rested({ clientId: 1, clientSeq: 1, from: 0, to: 10 }, 1),
    cancel({ clientId: 1, clientSeq: 2, from: 11, to: 20 }),
  ]
  const verdict = new LinearizabilityChecker(config).check(history)
  expect(verdict).toMatchObject({ isLinearizable: false, count: 1 })
  expect(verdict.explanation).toContain('1 of 2')
})

test('a search through many orders ends, with the state that fits', () => {
  const count = 24
  const first = Array.from({ length: count }, (_, index) =>
    rested({ clientId: index + 1, clientSeq: 1, from: 0, to: 100 }, ((index * 7) % count) + 1),
  )
  const checker = new LinearizabilityChecker(config)
  expect(checker.check(first)).toMatchObject({ isLinearizable: true, count })
  const next = [rested({ clientId: 1, clientSeq: 2, from: 101, to: 102 }, count + 1)]
  expect(checker.check(next).isLinearizable).toBe(true)
})
