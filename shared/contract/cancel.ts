import * as z from "zod";
import { identifierSchema } from "./request.ts";

export const cancelType = "vpn-connection.provision.cancel.requested.v1";

/** The `data` of a cancellation, apart from the ticket: which request is to be stopped. */
export const cancelDataSchema = z.strictObject({
  requestSource: identifierSchema.describe("The request's source."),
  requestId: identifierSchema.describe("The request's id."),
});

/** Which request is to be stopped. */
export type CancelRequest = z.infer<typeof cancelDataSchema>;
