import { readFileSync } from "node:fs";
import { join } from "node:path";

// What queries may name: tables of the workspace, with their columns as Azure Monitor documents
// them, and the functions that are saved there.

const ofApplicationInsights = [
  "TenantId: string, TimeGenerated: datetime, OperationName: string, OperationId: string, ParentId: string, SyntheticSource: string",
  "SessionId: string, UserId: string, UserAuthenticatedId: string, UserAccountId: string, AppVersion: string, AppRoleName: string",
  "AppRoleInstance: string, ClientType: string, ClientModel: string, ClientOS: string, ClientIP: string, ClientCity: string",
  "ClientStateOrProvince: string, ClientCountryOrRegion: string, ClientBrowser: string, ResourceGUID: string, IKey: string",
  "SDKVersion: string, ItemCount: int, SourceSystem: string, Type: string, Properties: dynamic, Measurements: dynamic",
  "_ResourceId: string, _SubscriptionId: string, _BilledSize: real, _IsBillable: string",
].join(", ");

/**
 * The columns of each table
 * (https://learn.microsoft.com/en-us/azure/azure-monitor/reference/tables/apptraces and beside it).
 */
export const tables: Readonly<Record<string, string>> = {
  AppTraces: `${ofApplicationInsights}, Message: string, SeverityLevel: int, ReferencedItemId: string, ReferencedType: string`,
  AppRequests: [
    ofApplicationInsights,
    "Id: string, Source: string, Name: string, Url: string, Success: bool, ResultCode: string, DurationMs: real",
    "PerformanceBucket: string",
  ].join(", "),
  Usage: [
    "TenantId: string, Computer: string, TimeGenerated: datetime, SourceSystem: string, StartTime: datetime, EndTime: datetime",
    "ResourceUri: string, LinkedResourceUri: string, DataType: string, Solution: string, BatchesWithinSla: long",
    "BatchesOutsideSla: long, BatchesCapped: long, TotalBatches: long, AvgLatencyInSeconds: real, Quantity: real",
    "QuantityUnit: string, IsBillable: bool, MeterId: string, LinkedMeterId: string, Type: string",
  ].join(", "),
};

const functionNames = ["VpnSteps", "VpnCompletions"] as const;

/** The functions that `modules/monitoring.bicep` saves in the workspace: name → query. */
export const functions: Readonly<Record<(typeof functionNames)[number], string>> = {
  VpnSteps: readFunction("VpnSteps"),
  VpnCompletions: readFunction("VpnCompletions"),
};

function readFunction(name: (typeof functionNames)[number]): string {
  return readFileSync(join(import.meta.dirname, "functions", `${name}.kql`), "utf8");
}
