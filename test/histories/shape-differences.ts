type Part = "orchestrator" | "history" | "entity" | "activity" | "client";
type Differences = Readonly<Record<Part, readonly string[]>>;

/**
 * What the Durable Task extension 3.19 says and our engine does not. The app reads none of it. What
 * another version of the extension adds must be looked at before it stands here.
 */
export const onlyOfExtension: Differences = {
  orchestrator: ["input.sourceInstanceId: null", "metadata.sys.json: string"],
  history: [
    "EventRaised of an entity.Input.$type: string",
    "EventRaised of an entity.ParentTraceContext: null",
    "EventRaised.ParentTraceContext: null",
    "EventSent of an entity.Input.$type: string",
    "EventSent of an entity.Input.Predecessor: string",
    "EventSent of an entity.Input.Timestamp: string",
    "EventSent of an entity.Input.input: string",
    "EventSent of an entity.Input.parent: string",
    "EventSent of an entity.Input.parentExecution: string",
    "EventSent of an entity.Input.parentTraceContext.$type: string",
    "EventSent of an entity.Input.parentTraceContext.ActivityStartTime: null",
    "EventSent of an entity.Input.parentTraceContext.Id: null",
    "EventSent of an entity.Input.parentTraceContext.SpanId: null",
    "EventSent of an entity.Input.parentTraceContext.TraceParent: string",
    "EventSent of an entity.Input.parentTraceContext.TraceState: null",
    "EventSent of an entity.Input.requestTime: string",
    "ExecutionStarted.Correlation: null",
    "ExecutionStarted.GenerateNewTrace: boolean",
    "ExecutionStarted.Generation: number",
    "ExecutionStarted.ParentTraceContext.ActivityStartTime: string",
    "ExecutionStarted.ParentTraceContext.Id: string",
    "ExecutionStarted.ParentTraceContext.SpanId: string",
    "ExecutionStarted.ParentTraceContext.TraceParent: string",
    "ExecutionStarted.ParentTraceContext.TraceState: null",
    "ExecutionStarted.ScheduledStartTime: null",
    "ExecutionStarted.Tags: null",
    "ExecutionStarted.Version: null",
    "TaskScheduled.Input: null",
    "TaskScheduled.ParentTraceContext.ActivityStartTime: null",
    "TaskScheduled.ParentTraceContext.Id: null",
    "TaskScheduled.ParentTraceContext.SpanId: null",
    "TaskScheduled.ParentTraceContext.TraceParent: string",
    "TaskScheduled.ParentTraceContext.TraceState: null",
    "TaskScheduled.Tags: null",
  ],
  entity: ["input.batch[].id: string", "metadata.sys.json: string"],
  activity: ["metadata.data.json: string", "metadata.sys.json: string"],
  client: [
    "client.connectionName: null",
    "client.grpcHttpClientTimeout: null",
    "client.httpBaseUrl: null",
    "client.maxGrpcMessageSizeInBytes: null",
  ],
};

/**
 * What our engine says and the extension does not: an instance without a version has an empty one.
 */
export const onlyOfOurs: Differences = {
  orchestrator: [],
  history: ["ExecutionStarted.Version: string"],
  entity: [],
  activity: [],
  client: [],
};
