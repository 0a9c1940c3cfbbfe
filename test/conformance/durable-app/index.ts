import "./activities.ts";
import "./entities.ts";
import "./events.ts";
import "./client.ts";
import "./tasks.ts";
import "./timers.ts";
import "./whole.ts";

// What the conformance suite runs: an ordinary Functions app, for any host that runs one.
