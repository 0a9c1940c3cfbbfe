/**
 * The base path of the management API for the worker. Callers outside the host use the webhooks
 * instead.
 */
export const rpcBase = "/durabletask";
export const webhookBase = "/runtime/webhooks/durabletask";

/** Returns the management URLs of an instance, as in the check-status response of the extension. */
export function createManagementUrls(url: string, hubName: string, id: string) {
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

/**
 * Returns the JSON of a durableClient input binding. The SDK replaces `INSTANCEID` and the words in
 * braces.
 */
export function createClientBinding(url: string, hubName: string): string {
  const webhooks = `${url}${webhookBase}`;
  const urls = createManagementUrls(url, hubName, "INSTANCEID");
  return JSON.stringify({
    taskHubName: hubName,
    creationUrls: {
      createNewInstancePostUri: `${webhooks}/orchestrators/{functionName}[/{instanceId}]?code=local`,
      createAndWaitOnNewInstancePostUri: `${webhooks}/orchestrators/{functionName}[/{instanceId}]?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&code=local`,
    },
    managementUrls: { ...urls, rewindPostUri: urls.suspendPostUri.replace("/suspend?", "/rewind?") },
    baseUrl: webhooks,
    requiredQueryStringParameters: "code=local",
    // It must end in a slash, because the SDK appends to it.
    rpcBaseUrl: `${url}${rpcBase}/`,
  });
}
