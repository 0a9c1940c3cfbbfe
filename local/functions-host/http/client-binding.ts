/** Where the durable client finds the management API: the worker's own base, and the webhooks that outside callers use. */
export const rpcBase = "/durabletask";
export const webhookBase = "/runtime/webhooks/durabletask";

/** The JSON of a durableClient input binding; `INSTANCEID` and the words in braces are placeholders that the SDK fills in. */
export function clientBinding(url: string, hubName: string): string {
  const webhooks = `${url}${webhookBase}`;
  const instance = `${webhooks}/instances/INSTANCEID`;
  const query = `taskHub=${hubName}&connection=Storage&code=local`;
  return JSON.stringify({
    taskHubName: hubName,
    creationUrls: {
      createNewInstancePostUri: `${webhooks}/orchestrators/{functionName}[/{instanceId}]?code=local`,
      createAndWaitOnNewInstancePostUri: `${webhooks}/orchestrators/{functionName}[/{instanceId}]?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&code=local`,
    },
    managementUrls: {
      id: "INSTANCEID",
      statusQueryGetUri: `${instance}?${query}`,
      sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
      terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
      rewindPostUri: `${instance}/rewind?reason={text}&${query}`,
      purgeHistoryDeleteUri: `${instance}?${query}`,
      restartPostUri: `${instance}/restart?${query}`,
      suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
      resumePostUri: `${instance}/resume?reason={text}&${query}`,
    },
    baseUrl: webhooks,
    requiredQueryStringParameters: "code=local",
    // Must end in a slash: the SDK appends to it.
    rpcBaseUrl: `${url}${rpcBase}/`,
  });
}
