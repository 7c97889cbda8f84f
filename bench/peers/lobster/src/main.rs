// A flow of orders over lobster's OrderBook, timed in this process.
//
// lobster-peer FLOW WARM_UP_COUNT, where FLOW holds four little-endian int32 a command (op | side << 8, order id, price,
// quantity). Prints one line of JSON: the seconds of the run after the warm-up, in which only the book is called, and
// what a run over the same flow came to. An IOC order is a limit order whose rest is cancelled; a replace is a cancel and
// a new order with the same id. The book does not tell whether a cancel found its order, so that a first run, untimed,
// keeps account of the orders by the book's events, and writes down the calls that the others make.

use lobster::{FillMetadata, OrderBook, OrderEvent, OrderType, Side};
use std::hint::black_box;
use std::time::Instant;

const CANCEL: i32 = 1;
const IOC: i32 = 2;
const MARKET: i32 = 3;
const REPLACE: i32 = 4;

struct Call {
    order: OrderType,
    is_ioc: bool,
}

#[derive(Default)]
struct Outcome {
    fills: u64,
    quantity: u64,
    notional: u64,
    hash: u32,
    orders_left: usize,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let bytes = std::fs::read(&arguments[1]).expect("the flow can be read");
    let words: Vec<i32> = bytes.chunks_exact(4).map(|word| i32::from_le_bytes(word.try_into().unwrap())).collect();
    let (calls, outcome) = account(&words);
    let warm_up_count: usize = arguments[2].parse().expect("the second argument is a number");
    for _ in 0..warm_up_count {
        time(&calls);
    }
    println!(
        "{{\"seconds\":{:.6},\"fills\":{},\"quantityLots\":{},\"notional\":{},\"hash\":{},\"ordersLeft\":{}}}",
        time(&calls), outcome.fills, outcome.quantity, outcome.notional, outcome.hash, outcome.orders_left
    );
}

fn time(calls: &[Call]) -> f64 {
    let mut book = OrderBook::default();
    let start = Instant::now();
    for call in calls {
        black_box(execute(&mut book, call));
    }
    start.elapsed().as_secs_f64()
}

fn execute(book: &mut OrderBook, call: &Call) -> OrderEvent {
    let event = book.execute(call.order);
    if call.is_ioc && !matches!(event, OrderEvent::Filled { .. }) {
        if let OrderType::Limit { id, .. } = call.order {
            book.execute(OrderType::Cancel { id });
        }
    }
    event
}

fn account(words: &[i32]) -> (Vec<Call>, Outcome) {
    let order_id_max = words.chunks_exact(4).map(|command| command[1]).max().unwrap_or(0);
    // The side of each order that rests in the book.
    let mut resting: Vec<Option<Side>> = vec![None; order_id_max as usize + 1];
    let mut book = OrderBook::default();
    let mut calls = Vec::with_capacity(words.len() / 4);
    let mut outcome = Outcome::default();
    for command in words.chunks_exact(4) {
        let (op, id) = (command[0] & 0xff, command[1] as u128);
        let mut side = if (command[0] >> 8) & 1 == 0 { Side::Bid } else { Side::Ask };
        if op == CANCEL || op == REPLACE {
            let found = resting[id as usize].take();
            // A cancel that finds nothing is a call, too; a replace that finds nothing ends there.
            let cancel = Call { order: OrderType::Cancel { id }, is_ioc: false };
            execute(&mut book, &cancel);
            calls.push(cancel);
            match found {
                Some(own) if op == REPLACE => side = own,
                _ => continue,
            }
        }
        let (price, qty) = (command[2] as u64, command[3] as u64);
        let order = match op {
            MARKET => OrderType::Market { id, side, qty },
            _ => OrderType::Limit { id, side, qty, price },
        };
        let call = Call { order, is_ioc: op == IOC };
        let event = execute(&mut book, &call);
        calls.push(call);
        if let OrderEvent::Filled { fills, .. } | OrderEvent::PartiallyFilled { fills, .. } = &event {
            fills.iter().for_each(|fill| count(fill, &mut outcome, &mut resting));
        }
        let is_done = matches!(event, OrderEvent::Filled { .. }) || op == IOC || op == MARKET;
        resting[id as usize] = if is_done { None } else { Some(side) };
    }
    outcome.orders_left = resting.iter().flatten().count();
    (calls, outcome)
}

fn count(fill: &FillMetadata, outcome: &mut Outcome, resting: &mut [Option<Side>]) {
    let term = (fill.order_2 as u32)
        .wrapping_add((fill.order_1 as u32).wrapping_mul(7))
        .wrapping_add((fill.qty as u32).wrapping_mul(1_000_003))
        .wrapping_add(fill.price as u32);
    outcome.hash = outcome.hash.wrapping_mul(31).wrapping_add(term);
    outcome.fills += 1;
    outcome.quantity += fill.qty;
    outcome.notional += fill.qty * fill.price;
    if fill.total_fill {
        resting[fill.order_2 as usize] = None;
    }
}
