import { app } from "@azure/functions";
import * as df from "durable-functions";

app.http("start", {
  route: "start/{name}",
  methods: ["POST"],
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const instanceId = await client.startNew(request.params["name"] ?? "", { input: await request.json() });
    return client.createCheckStatusResponse(request, instanceId);
  },
});

type Verb = (...given: unknown[]) => Promise<unknown>;

/**
 * Calls one verb of the durable client; `{ entity: [name, key] }` stands for an entity's id.
 * Answers `{ value }` or `{ error }`.
 */
app.http("client", {
  route: "client/{verb}",
  methods: ["POST"],
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context) as unknown as Record<string, Verb>;
    const given = ((await request.json()) as unknown[]).map(argumentOf);
    try {
      return { jsonBody: { value: (await client[request.params["verb"] ?? ""]?.(...given)) ?? null } };
    } catch (error) {
      return { jsonBody: { error: (error as Error).message } };
    }
  },
});

function argumentOf(given: unknown): unknown {
  if (typeof given !== "object" || given === null) return given;
  const { entity, createdTimeFrom, ...rest } = given as { entity?: [name: string, key: string]; createdTimeFrom?: string };
  if (entity) return new df.EntityId(...entity);
  return createdTimeFrom === undefined ? rest : { ...rest, createdTimeFrom: new Date(createdTimeFrom) };
}
