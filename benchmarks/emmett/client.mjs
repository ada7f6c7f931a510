// One client of emmett's PostgreSQL store: an order a line in, an answer a line out.
// The first order says where and what; the others how many seconds to append for.
import { createInterface } from "node:readline";
import { getPostgreSQLEventStore } from "@event-driven-io/emmett-postgresql";

let store;
let order;
let calls = 0;

function events() {
  return Array.from({ length: order.batch }, () => ({
    type: order.type,
    data: order.data,
    metadata: order.metadata,
  }));
}

async function appendFor(seconds) {
  const started = performance.now();
  let count = 0;
  let now = started;
  while (now - started < seconds * 1000) {
    await store.appendToStream(`bench-${order.name}-${calls++ % 100}`, events());
    count += 1;
    now = performance.now();
  }
  return count / ((now - started) / 1000 || 1);
}

for await (const line of createInterface({ input: process.stdin })) {
  const given = JSON.parse(line);
  if (given.url) {
    order = given;
    store = getPostgreSQLEventStore(given.url);
    // The first append makes the tables, and the pool its connection.
    await store.appendToStream(`bench-${order.name}-first`, events());
    console.log("ready");
  } else {
    console.log(await appendFor(given.seconds));
  }
}
process.exit(0);
