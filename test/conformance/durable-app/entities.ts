import * as df from "durable-functions";

df.app.entity<number>("counter", (context) => {
  const entity = context.df;
  const state = entity.getState(() => 0) ?? 0;
  switch (entity.operationName) {
    case "add":
      entity.setState(state + (entity.getInput<number>() ?? 0));
      break;
    case "get":
      entity.return(state);
      break;
    case "describe":
      entity.return({ key: entity.entityKey, isNew: entity.isNewlyConstructed, input: entity.getInput() ?? null });
      break;
    case "passOn":
      entity.signalEntity(new df.EntityId("counter", entity.getInput<string>() ?? ""), "add", state);
      break;
    case "fail":
      throw new Error("the entity fails");
    case "forget":
      entity.destructOnExit();
      break;
  }
});

/** Calls operations of one entity one after the other and answers what each answered. */
df.app.orchestration("calls", function* (context) {
  const { key, operations } = context.df.getInput<{ key: string; operations: [operation: string, input?: unknown][] }>();
  const counter = new df.EntityId("counter", key);
  const answers: unknown[] = [];
  for (const [operation, input] of operations) {
    const answer: unknown = yield context.df.callEntity(counter, operation, input);
    answers.push(answer ?? null);
  }
  return answers;
});

df.app.orchestration("signals", function* (context) {
  const { key, values } = context.df.getInput<{ key: string; values: number[] }>();
  const counter = new df.EntityId("counter", key);
  for (const value of values) context.df.signalEntity(counter, "add", value);
  return yield context.df.callEntity(counter, "get");
});

df.app.orchestration("catchesEntity", function* (context) {
  const counter = new df.EntityId("counter", context.df.getInput<string>());
  yield context.df.callEntity(counter, "add", 3);
  let caught = false;
  try {
    yield context.df.callEntity(counter, "fail");
  } catch (error) {
    caught = error instanceof Error;
  }
  const state: number = yield context.df.callEntity(counter, "get");
  return { caught, state };
});
