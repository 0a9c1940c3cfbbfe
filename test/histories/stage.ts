import { cancelType } from "../../shared/contract/cancel.ts";
import { requestType } from "../../shared/contract/request.ts";
import { instanceIdOf } from "../../shared/durable/instance-id.ts";
import type { startProduct } from "../support/product.ts";

type Product = Awaited<ReturnType<typeof startProduct>>;

const source = "/recorder";
const base = "/subscriptions/subid/resourceGroups/rg1/providers/Microsoft.Network";

/** A request as a requester writes it. */
export interface RequestEvent {
  readonly source: string;
  readonly id: string;
  readonly data: {
    readonly target: { readonly connectionName: string };
    readonly connection: { readonly properties: Record<string, unknown> };
    [field: string]: unknown;
  };
}

/**
 * What a scenario works with: the running app, and requests for connections on a gateway that no
 * other scenario uses.
 */
export function stageOf(product: Product, run: Awaited<ReturnType<Product["run"]>>, scenario: string, gateway: number) {
  const connectionName = (name: string) => `${scenario}-${name}`;
  const clock = product.clock;
  return {
    ...run,
    product,
    /** A request for a connection; small, so that its history is. */
    request(name = "it", limits: object = {}, key?: string): RequestEvent {
      const vpnSiteLink = { id: `${base}/vpnSites/vpnSite1/vpnSiteLinks/siteLink1` };
      const properties = {
        remoteVpnSite: { id: `${base}/vpnSites/vpnSite1` },
        vpnLinkConnections: [{ name: "link1", properties: { vpnSiteLink, ...(key === undefined ? {} : { sharedKey: key }) } }],
      };
      const target = {
        subscriptionId: "subid",
        resourceGroupName: "rg1",
        gatewayName: `gateway${gateway}`,
        connectionName: connectionName(name),
      };
      const envelope = { specversion: "1.0", type: requestType, id: `${scenario}-${name}`, source, datacontenttype: "application/json" };
      return { ...envelope, data: { target, connection: { properties }, ...limits } };
    },
    instanceOf: ({ source: from, id }: { readonly source: string; readonly id: string }) => instanceIdOf(from, id),
    /** Hands a request to the app; answers its instance. */
    async send(
      event: { readonly source: string; readonly id: string },
      came: { enqueuedAt?: number; number?: number } = {},
    ): Promise<string> {
      await run.deliver(event, came);
      return instanceIdOf(event.source, event.id);
    },
    /** A cancellation of a request. */
    cancellation: ({ id }: { readonly id: string }, name = "cancel") => ({
      specversion: "1.0",
      type: cancelType,
      id: `${scenario}-${name}`,
      source,
      datacontenttype: "application/json",
      data: { requestSource: source, requestId: id },
    }),
    /** Scripts faults for the calls about a connection. */
    script: (name: string, ...faults: readonly object[]) =>
      product.script(...faults.map((fault) => ({ connection: connectionName(name), ...fault }))),
    /** Waits for an orchestration of that name that nobody has named an instance of. */
    async startedAs(orchestration: string): Promise<string> {
      const { instanceId } = await run.until(`an instance of ${orchestration}`, () =>
        run.instances().find(({ name }) => name === orchestration),
      );
      return instanceId;
    },
    /** Lets time pass. */
    async passes(seconds: number): Promise<void> {
      const end = clock.now() + seconds * 1000;
      await run.until(`${seconds} s`, () => {
        const [next = end] = clock.pending();
        if (next > end) clock.advanceTo(end);
        return clock.now() >= end;
      });
    },
  };
}

/** See `stageOf`. */
export type Stage = ReturnType<typeof stageOf>;
