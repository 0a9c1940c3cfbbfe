/** Where the durable client finds the management API: the worker's own base, and the webhooks that outside callers use. */
export const rpcBase = "/durabletask";
export const webhookBase = "/runtime/webhooks/durabletask";

/** Where to turn to about an instance, as the check-status answer of the extension says it. */
export function managementUrls(url: string, hubName: string, id: string) {
  const instance = `${url}${webhookBase}/instances/${id}`;
  const query = `taskHub=${hubName}&connection=Storage&code=local`;
  return {
    id,
    statusQueryGetUri: `${instance}?${query}`,
    sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
    purgeHistoryDeleteUri: `${instance}?${query}`,
    restartPostUri: `${instance}/restart?${query}`,
    suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
    resumePostUri: `${instance}/resume?reason={text}&${query}`,
  };
}

/** The JSON of a durableClient input binding; `INSTANCEID` and the words in braces are placeholders that the SDK fills in. */
export function clientBinding(url: string, hubName: string): string {
  const webhooks = `${url}${webhookBase}`;
  const urls = managementUrls(url, hubName, "INSTANCEID");
  return JSON.stringify({
    taskHubName: hubName,
    creationUrls: {
      createNewInstancePostUri: `${webhooks}/orchestrators/{functionName}[/{instanceId}]?code=local`,
      createAndWaitOnNewInstancePostUri: `${webhooks}/orchestrators/{functionName}[/{instanceId}]?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&code=local`,
    },
    managementUrls: { ...urls, rewindPostUri: urls.suspendPostUri.replace("/suspend?", "/rewind?") },
    baseUrl: webhooks,
    requiredQueryStringParameters: "code=local",
    // Must end in a slash: the SDK appends to it.
    rpcBaseUrl: `${url}${rpcBase}/`,
  });
}
