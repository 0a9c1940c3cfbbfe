import * as z from "zod";
import { identifierSchema } from "./request.ts";

export const cancelType = "vpn-connection.provision.cancel.requested.v1";

/** The `data` of a cancellation without the ticket. */
export const cancelDataSchema = z.strictObject({
  requestSource: identifierSchema.describe("The source of the request to cancel."),
  requestId: identifierSchema.describe("The id of the request to cancel."),
});

/** The request to cancel. */
export type CancelRequest = z.infer<typeof cancelDataSchema>;
