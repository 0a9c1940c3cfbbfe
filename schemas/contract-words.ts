import { cancelType } from "../shared/contract/cancel.ts";
import { requestType } from "../shared/contract/request.ts";

/** Returns the sections about the order of requests and about cancellations. */
export function orderWords(): string {
  return `## The order of requests

Of two requests for one connection, the newer one wins. A request is newer if Service Bus received it
later. In one queue that is the message with the higher sequence number. In different queues, or in a
partitioned queue, it is the one with the later enqueued time. If the times are equal, neither is newer.

Requests may reach Azure in another order. Once a newer request was sent to Azure and not refused, an
older one changes nothing any more. The same is true once a newer request found the connection as
requested. Then the older request ends in one of two ways:

* as \`Succeeded\` and \`Unchanged\`, if the connection is as it requests, keys included,
* as \`Rejected\` with \`Superseded\` otherwise.

This is true even if the newer request failed in Azure. Plans are not part of this order. If a request
that has a completion comes again, the same completion is sent again.

## A cancellation

A cancellation is an event of type \`${cancelType}\`, in structured or binary mode. It has the envelope of a
request and its own id. Its \`source\` must be the \`source\` of the request that it cancels (for a bare
body, \`/service-bus/<queue>\`). Any other source is rejected with \`SourceNotAllowed\`.

A request that waits is stopped. A change that Azure has started is not undone. The completion of the
request has the outcome \`Cancelled\`. The cancellation has its own completion. If the request was
stopped, it is \`Succeeded\` without \`change\` and \`resource\`. Otherwise it has a problem, such as
\`RequestFinished\` or \`RequestUnknown\`.`;
}

/** Returns what callers may rely on. */
export function compatibilityWords(): string {
  return `* Within version 1, fields and codes keep their meaning. A change that breaks this gets a new event type
  instead of \`${requestType}\`.
* New optional fields, codes, outcomes and rules may be added. Ignore fields that you do not know. Treat an
  unknown outcome as no success. For an unknown code, use \`retryable\` and \`actor\`. The schemas are as
  strict as this version of the app.
* Messages are for people. Their wording may change.`;
}
