/**
 * AMQP codes for errors of the message itself. The Service Bus client puts the code before the
 * error's message.
 */
const refusals = /^(Argument|ArgumentOutOfRange|InvalidOperation|DecodeError|InvalidField|NotImplemented|FrameSizeTooSmall)(Error)?: /;

/**
 * Returns true if the broker, or its client, will never accept this message: it is too large, or
 * one of its properties is not allowed. Any other error may be temporary: the broker is not
 * available, full or busy, the topic is missing or disabled, or a role is not assigned yet.
 *
 * Source: node_modules/@azure/service-bus (serviceBusError.js, serviceBusMessage.js) and
 * node_modules/@azure/core-amqp (errors.js).
 */
export function isRefusedPermanently(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError) return true;
  if ("code" in error) return error.code === "MessageSizeExceeded" || (error.code === "GeneralError" && refusals.test(error.message));
  // The client checks the lengths of ids before it sends, and throws an error without a code.
  return /^Length of '\w+' property on the message cannot be greater than/.test(error.message);
}
