/** Codes of AMQP that say that the message itself is at fault, as the client of Service Bus puts them before its message. */
const refusals = /^(Argument|ArgumentOutOfRange|InvalidOperation|DecodeError|InvalidField|NotImplemented|FrameSizeTooSmall)(Error)?: /;

/**
 * Whether the broker, or its client, will never take this very message: it is too large, or one of its properties is not allowed. Any other error may
 * pass, such as a broker that is away, full or busy, a topic that is missing or disabled, and a right that is not there yet.
 * Source: node_modules/@azure/service-bus (serviceBusError.js, serviceBusMessage.js) and node_modules/@azure/core-amqp (errors.js).
 */
export function isRefusedForGood(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError) return true;
  if ("code" in error) return error.code === "MessageSizeExceeded" || (error.code === "GeneralError" && refusals.test(error.message));
  // The client checks the lengths of ids before it sends, and throws an error without a code.
  return /^Length of '\w+' property on the message cannot be greater than/.test(error.message);
}
