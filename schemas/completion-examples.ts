import request from "../examples/reference-sample.json" with { type: "json" };
import type { CompletionData, CompletionEvent } from "../shared/contract/completion.ts";
import { composeCompletion } from "../shared/contract/compose.ts";
import { describeInDocument } from "../shared/contract/in-document.ts";
import { invalidity } from "../shared/contract/invalidity.ts";
import { validate } from "../shared/contract/validate.ts";
import { correlationIdOf } from "../shared/correlation-id.ts";
import { completionEventIdOf, instanceIdOf } from "../shared/durable/instance-id.ts";
import { connectionId, type Target } from "../shared/resource-id.ts";
import { sealSecrets } from "../shared/secrets/sealing.ts";

const { ticket, ...data } = request.data;
const { target, connection } = data;
const { remoteVpnSite, vpnLinkConnections, routingConfiguration } = connection.properties;
const { sharedKey: _, ...shownLink } = vpnLinkConnections[0]?.properties ?? {};
const instanceId = instanceIdOf(request.source, request.id);
const correlationRequestId = correlationIdOf(instanceId);

/** Returns the app's findings about data. */
function findingsOf(given: unknown) {
  const document = { type: request.type, data: sealSecrets(given, instanceId, new Map([["k1", new Uint8Array(32)]])) };
  return validate(document.data, JSON.stringify(ticket)).findings.map((finding) => describeInDocument(finding, document));
}

/** A completion with its ticket. */
type Delivered = Omit<CompletionEvent, "data"> & { readonly data: CompletionData & { readonly ticket: object } };

/**
 * Returns two completions as they are delivered: of the example request, and of the same request
 * with an error.
 */
export function completionExamples(): Record<"succeeded" | "rejected", Delivered> {
  // An invalid request names no connection.
  return { succeeded: delivered(succeeded(), target), rejected: delivered(rejected(), null) };
}

function delivered(answer: CompletionData, about: Target | null): Delivered {
  const traceparent = "00-b1f67c032f0919c3a350b6d7907f0572-77bbe03cfe7a5ecd-01";
  const id = completionEventIdOf(instanceId);
  const { event } = composeCompletion({ id, target: about, traceparent, ticket: null, replySessionId: null, data: answer });
  return { ...event, data: { ...event.data, ticket } };
}

function succeeded(): CompletionData {
  const link = `${connectionId(target)}/vpnLinkConnections/${vpnLinkConnections[0]?.name}`;
  return {
    requestId: request.id,
    requestSource: request.source,
    outcome: "Succeeded",
    change: "Created",
    resource: {
      name: target.connectionName,
      id: connectionId(target),
      etag: 'W/"7737b1db-ae88-d68a-f9e7-f730f3dd980b"',
      type: "Microsoft.Network/vpnGateways/vpnConnections",
      properties: {
        provisioningState: "Succeeded",
        remoteVpnSite,
        enableInternetSecurity: false,
        routingConfiguration,
        vpnLinkConnections: [
          {
            name: vpnLinkConnections[0]?.name,
            id: link,
            properties: { provisioningState: "Succeeded", ...shownLink, connectionStatus: "NotConnected" },
          },
        ],
      },
    },
    problem: null,
    warnings: findingsOf(data),
    diff: null,
    armState: "Succeeded",
    arm: {
      correlationRequestId,
      operationId: "334c7ef6-1dfd-4c4d-b7d9-cf7a179d7df8",
      attempts: [
        {
          at: "2026-03-02T09:14:03.852Z",
          action: "get",
          clientRequestId: "8a3f6c1e-0b52-4d7a-9e84-51c2d7f0a3b6",
          status: 404,
          code: "NotFound",
          retryAfterSeconds: null,
        },
        {
          at: "2026-03-02T09:14:05.210Z",
          action: "put",
          clientRequestId: "d2c94e07-6f18-4a3b-8b5d-7e01f9a4c6d8",
          status: 201,
          code: null,
          retryAfterSeconds: 10,
        },
        {
          at: "2026-03-02T09:19:21.930Z",
          action: "verify",
          clientRequestId: "47be1f92-c5d3-4e60-a9f7-2b8c0d6e15a4",
          status: 200,
          code: null,
          retryAfterSeconds: null,
        },
      ],
    },
    timing: {
      receivedAt: "2026-03-02T09:14:03.541Z",
      startedAt: "2026-03-02T09:14:03.606Z",
      validatedAt: "2026-03-02T09:14:04.120Z",
      leaseGrantedAt: null,
      submittedAt: "2026-03-02T09:14:05.210Z",
      provisionedAt: "2026-03-02T09:19:21.415Z",
      completedAt: "2026-03-02T09:19:21.930Z",
      polls: 12,
    },
  };
}

function rejected(): CompletionData {
  const [first] = vpnLinkConnections;
  const faulty = [{ ...first, properties: { ...first?.properties, routingWeight: -1 } }];
  const details = findingsOf({ ...data, connection: { properties: { remoteVpnSite, vpnLinkConnections: faulty } } });
  return {
    requestId: request.id,
    requestSource: request.source,
    outcome: "Rejected",
    change: null,
    resource: null,
    problem: invalidity("request", details),
    warnings: [],
    diff: null,
    armState: null,
    arm: { correlationRequestId, operationId: null, attempts: [] },
    timing: {
      receivedAt: "2026-03-02T09:14:03.541Z",
      startedAt: "2026-03-02T09:14:03.606Z",
      validatedAt: null,
      leaseGrantedAt: null,
      submittedAt: null,
      provisionedAt: null,
      completedAt: "2026-03-02T09:14:03.640Z",
      polls: 0,
    },
  };
}
