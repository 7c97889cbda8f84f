// A flow of orders over exchange-core's OrderBookDirectImpl, timed in this process.
//
// java Driver FLOW WARM_UP_COUNT, where FLOW holds four little-endian int32 a command (op | side << 8, order id, price,
// quantity). Prints one line of JSON: the seconds of the run after the warm-up, in which only the book is called, and
// what a run over the same flow came to. A market order is an IOC at the last price; a replace is a cancel and a new
// order with the same id, which is how the book moves an order whose quantity changes.

import exchange.core2.collections.objpool.ObjectsPool;
import exchange.core2.core.common.CoreSymbolSpecification;
import exchange.core2.core.common.MatcherEventType;
import exchange.core2.core.common.MatcherTradeEvent;
import exchange.core2.core.common.OrderAction;
import exchange.core2.core.common.OrderType;
import exchange.core2.core.common.SymbolType;
import exchange.core2.core.common.cmd.CommandResultCode;
import exchange.core2.core.common.cmd.OrderCommand;
import exchange.core2.core.common.config.LoggingConfiguration;
import exchange.core2.core.orderbook.OrderBookDirectImpl;
import exchange.core2.core.orderbook.OrderBookEventsHelper;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

public final class Driver {
    private static final int CANCEL = 1;
    private static final int IOC = 2;
    private static final int MARKET = 3;
    private static final int REPLACE = 4;
    private static final int CLIENT = 1;
    private static final int PRICE_MAX = 1 << 17;

    private final int[] words;
    private final OrderCommand command = new OrderCommand();
    private OrderBookDirectImpl book;
    private long fills;
    private long quantity;
    private long notional;
    private int hash;

    private Driver(int[] words) {
        this.words = words;
    }

    public static void main(String[] arguments) throws Exception {
        IntBuffer flow = ByteBuffer.wrap(Files.readAllBytes(Path.of(arguments[0]))).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
        int[] words = new int[flow.remaining()];
        flow.get(words);
        Driver driver = new Driver(words);
        for (int round = Integer.parseInt(arguments[1]); round > 0; round--) {
            driver.clear();
            driver.run(false);
        }
        driver.clear();
        System.gc();
        long start = System.nanoTime();
        driver.run(false);
        double seconds = (System.nanoTime() - start) / 1e9;
        driver.clear();
        driver.run(true);
        System.out.println(driver.outcome(seconds));
    }

    private void clear() {
        CoreSymbolSpecification symbol = CoreSymbolSpecification.builder()
            .symbolId(1).type(SymbolType.CURRENCY_EXCHANGE_PAIR).baseCurrency(1).quoteCurrency(2)
            .baseScaleK(1).quoteScaleK(1).build();
        OrderBookEventsHelper events = new OrderBookEventsHelper(MatcherTradeEvent::new);
        book = new OrderBookDirectImpl(symbol, ObjectsPool.createDefaultTestPool(), events, LoggingConfiguration.DEFAULT);
        fills = quantity = notional = hash = 0;
    }

    private void run(boolean isCounting) {
        for (int at = 0; at < words.length; at += 4) {
            int op = words[at] & 0xff;
            int side = (words[at] >> 8) & 1;
            if (op == CANCEL || op == REPLACE) {
                if (op == REPLACE && book.getOrderById(words[at + 1]) != null) {
                    side = book.getOrderById(words[at + 1]).getAction() == OrderAction.BID ? 0 : 1;
                }
                if (!cancel(words[at + 1]) || op == CANCEL) continue;
            }
            place(op, side, words[at + 1], words[at + 2], words[at + 3]);
            if (isCounting) count(words[at + 1]);
        }
    }

    private boolean cancel(int id) {
        command.orderId = id;
        command.uid = CLIENT;
        command.matcherEvent = null;
        return book.cancelOrder(command) == CommandResultCode.SUCCESS;
    }

    private void place(int op, int side, int id, int price, int lots) {
        command.orderId = id;
        command.uid = CLIENT;
        command.action = side == 0 ? OrderAction.BID : OrderAction.ASK;
        command.orderType = op == IOC || op == MARKET ? OrderType.IOC : OrderType.GTC;
        command.price = op == MARKET ? (side == 0 ? PRICE_MAX : 1) : price;
        command.reserveBidPrice = command.price;
        command.size = lots;
        command.matcherEvent = null;
        book.newOrder(command);
    }

    private void count(int taker) {
        for (MatcherTradeEvent event = command.matcherEvent; event != null; event = event.nextEvent) {
            if (event.eventType != MatcherEventType.TRADE) continue;
            hash = hash * 31 + (int) event.matchedOrderId + taker * 7 + (int) event.size * 1000003 + (int) event.price;
            fills += 1;
            quantity += event.size;
            notional += event.size * event.price;
        }
    }

    private String outcome(double seconds) {
        int left = book.getOrdersNum(OrderAction.BID) + book.getOrdersNum(OrderAction.ASK);
        return String.format(
            "{\"seconds\":%.6f,\"fills\":%d,\"quantityLots\":%d,\"notional\":%d,\"hash\":%d,\"ordersLeft\":%d}",
            seconds, fills, quantity, notional, hash & 0xffffffffL, left);
    }
}
