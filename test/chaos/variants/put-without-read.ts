import { putConnection as real } from "../../../functions/activities/put-connection.ts";

export * from "../../../functions/activities/put-connection.ts";

/** Takes it that there is nothing yet. */
export const putConnection: typeof real = ({ resourceManager, ...others }) =>
  real({ ...others, resourceManager: { ...resourceManager, getConnection: async () => ({ status: 404, headers: {}, text: "" }) } });
