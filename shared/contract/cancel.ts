import * as z from "zod";
import { identifierPattern } from "./request.ts";

export const cancelType = "vpn-connection.provision.cancel.requested.v1";

/** The `data` of a cancellation, apart from the ticket: which request is to be stopped. */
export const cancelDataSchema = z.strictObject({
  requestSource: z.string().regex(identifierPattern, { error: "Expected 1 to 128 printable characters" }).describe("The request's source."),
  requestId: z.string().regex(identifierPattern, { error: "Expected 1 to 128 printable characters" }).describe("The request's id."),
});

/** Which request is to be stopped. */
export type CancelRequest = z.infer<typeof cancelDataSchema>;
