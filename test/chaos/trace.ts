/**
 * All that was done to a stack and all that it showed, from the outside. Plain JSON; times in
 * milliseconds since the Unix epoch by the stack's clock.
 */
export interface Trace {
  readonly sent: readonly Sent[];
  readonly received: readonly Received[];
  /** What Resource Manager was asked. */
  readonly calls: readonly Call[];
  /** When the status of an instance first told that it waits for its gateway. */
  readonly waiting: readonly { readonly instanceId: string; readonly since: number }[];
  /** What an operator did, or a machine. */
  readonly terminated: readonly Terminated[];
  readonly killed: readonly number[];
  /** When the host was not there. */
  readonly away: readonly { readonly from: number; readonly to: number }[];
  /** Marks that stand in keys and nowhere else. */
  readonly secrets: readonly string[];
  /**
   * What operation URLs are signed with: it goes to Azure, and stands in the store, and nowhere
   * else.
   */
  readonly signatures: readonly string[];
  /** Everything that the stack has written or told, by where. */
  readonly said: Readonly<Record<string, string>>;
  /** What lies in the quarantine queue. */
  readonly quarantined: readonly Pick<Sent, "messageId" | "bodySha256">[];
  /** The number that the request queue would have given to its next message. */
  readonly nextNumber: number;
  readonly left: Left;
}

/** An instance that was ended from outside. */
export interface Terminated {
  readonly instanceId: string;
  readonly at: number;
  /** The answer that it had claimed right before. */
  readonly claimed?: { readonly id: string; readonly time: string };
}

/** One message that was sent to the request queue; the same request may be sent often. */
export interface Sent {
  /** Before the first try: the broker cannot have had it earlier. */
  readonly at: number;
  /**
   * Who asks under which id; for a message that names neither, the queue's address and the message
   * id.
   */
  readonly source: string;
  readonly id: string;
  /**
   * Names what is asked for; it stands in the ticket, and comes back. Empty where there can be no
   * ticket.
   */
  readonly payload: string;
  readonly messageId: string;
  readonly bodySha256: string;
  readonly asks: "change" | "cancel" | "nonsense";
  readonly carriesKey: boolean;
  /** What a cancellation is to stop. */
  readonly cancels?: { readonly source: string; readonly id: string };
  /** What a change asks for. */
  readonly wish?: Wished;
  /** The ticket as it was written, word for word; left out where there is none. */
  readonly ticket?: string;
  /** The trace context that it came with; left out where there is none. */
  readonly traceparent?: string;
  /** The session that the answer is wanted on. */
  readonly replyTo?: string;
  /**
   * Sent when everything was quiet, with nothing but its own weather: it can end in one way only.
   */
  readonly mustEnd?: Ending;
  /** How long Azure wants to be left alone by whoever gets this answer to a PUT. */
  readonly mustWait?: { readonly status: number; readonly seconds: number };
  /** Sent again when its request had its answer and everything was quiet. */
  readonly late?: true;
}

/** What is to become of a connection. */
export interface Wished {
  /** The connection's Resource Manager id. */
  readonly id: string;
  /** The REST body. */
  readonly connection: unknown;
  readonly mode: "apply" | "plan";
  readonly deadlineMinutes: number;
  readonly queueDeadlineMinutes: number;
  /** It breaks the contract, or names what is not there. */
  readonly invalid?: true;
  /**
   * The findings that do not stop it, by their codes: those among all that travel with the answer.
   */
  readonly warns?: readonly string[];
}

/** How a request ends. */
export interface Ending {
  readonly outcome: string;
  readonly change?: string;
  readonly code?: string;
  /** Nothing is written for it. */
  readonly untouched?: true;
  /** The properties that the answer names as different: the last parts of their pointers. */
  readonly differs?: readonly string[];
}

/** One event as the topic delivered it. */
export interface Received {
  readonly at: number;
  readonly messageId: string;
  readonly correlationId: string;
  readonly contentType: string;
  readonly sessionId?: string;
  readonly body: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/**
 * One call of Resource Manager; `status` is null where it was broken off before anything was done.
 */
export interface Call {
  readonly at: number;
  readonly method: string;
  readonly url: string;
  readonly correlationId: string;
  readonly status: number | null;
  /** The version of the service that a call of a connection named. */
  readonly apiVersion?: string;
  /** What a PUT wanted written. */
  readonly body?: unknown;
  /** The provisioning states that a read of a connection showed: its own and those of its links. */
  readonly states?: readonly string[];
  /** The connection that a read showed, without its keys. */
  readonly shows?: unknown;
  /** What a PUT began. */
  readonly operation?: { readonly id: string; readonly endsAt: number; readonly status: string };
}

/** What was there when all should have been over. */
export interface Left {
  /** Gateways whose lease is not free. */
  readonly leases: readonly string[];
  /** Instances that have not ended. */
  readonly instances: readonly string[];
  /** Messages in the request queue or among its dead letters. */
  readonly messages: readonly string[];
  readonly processes: readonly string[];
}
