import { validateRequest as real } from "../../../functions/activities/validate-request.ts";
import { endStuckInstances as realEnd } from "../../../functions/upkeep/end-stuck-instances.ts";

export * from "../../../functions/activities/validate-request.ts";
export * from "../../../functions/upkeep/end-stuck-instances.ts";

/**
 * Ends the host each time it is to judge a request whose id begins with `killer`, as a request
 * would that uses up all memory.
 */
export const validateRequest: typeof real = (dependencies) => {
  const activity = real(dependencies);
  return async (input, log, context) => {
    if (input.requestId.startsWith("killer")) process.kill(process.pid, "SIGKILL");
    return activity(input, log, context);
  };
};

/**
 * The app lives by real time and its instances by the stack's, which may run faster: here the app
 * tells their age by their time.
 */
export const endStuckInstances: typeof realEnd = (client, log, now, createdTimeFrom) => {
  const [epoch, speed] = [Number(process.env["STACK_EPOCH"]), Number(process.env["STACK_SPEED"])];
  return realEnd(client, log, new Date(epoch + (now.getTime() - epoch) * speed), createdTimeFrom);
};
