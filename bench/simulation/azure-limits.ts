/** What Azure documents for one resource. */
export interface Limit {
  readonly limit: string;
  readonly value: string;
  /** The page, and the date of the copy that was read if the copy says one. */
  readonly source: string;
  readonly copy?: string;
}

/** A rate of requests, and how many may come at once after a quiet time. */
export interface TokenRate {
  readonly perSecond: number;
  readonly burst: number;
}

/** One subscription, one identity and one region: the token buckets of Resource Manager. */
export const managerReads: TokenRate = { perSecond: 25, burst: 250 };
export const managerWrites: TokenRate = { perSecond: 10, burst: 200 };
/** One subscription and one region: the limits of Microsoft.Network, for each five minutes. */
export const networkReads: TokenRate = { perSecond: 10_000 / 300, burst: 10_000 };
export const networkWrites: TokenRate = { perSecond: 1_000 / 300, burst: 1_000 };

/** One queue, one account. */
export const queueMessagesPerSecond = 2_000;
export const storageRequestsPerSecond = 20_000;
export const serviceBusCreditsPerSecond = 1_000;
export const premiumBytesPerSecond = 4_000_000;
export const schedulerActionsPerSecond = { dedicated: 2_000, consumption: 500 } as const;

const learn = "https://learn.microsoft.com/en-us";
const throttling = `${learn}/azure/azure-resource-manager/management/request-limits-and-throttling`;
const functions = `${learn}/azure/azure-functions`;
const scheduler = "https://docs.azure.cn/en-us/azure-functions/durable/durable-task-scheduler/durable-task-scheduler-dedicated-sku";
const wan = `${learn}/azure/azure-resource-manager/management/azure-subscription-service-limits#virtual-wan-limits`;
const oldNetwork = "2020-12-15, and again in 2026";

/** The documented limits, as docs/scale.md lists them. */
export const limits: readonly Limit[] = [
  {
    limit: "Resource Manager, reads of one identity in one subscription and region",
    value: "bucket of 250, 25 a second",
    source: throttling,
  },
  { limit: "Resource Manager, writes, likewise", value: "bucket of 200, 10 a second", source: throttling },
  { limit: "Resource Manager, all identities of a subscription", value: "15 times that", source: throttling },
  {
    limit: "`Microsoft.Network`, writes in one subscription and region",
    value: "1,000 in 5 minutes",
    source: throttling,
    copy: oldNetwork,
  },
  { limit: "`Microsoft.Network`, reads, likewise", value: "10,000 in 5 minutes", source: throttling, copy: oldNetwork },
  { limit: "Virtual WAN, connections of a hub", value: "1,000", source: wan, copy: "2022-05-20" },
  {
    limit: "Virtual WAN, changes of one gateway at a time",
    value: "1",
    source: "https://github.com/hashicorp/terraform-provider-azurerm/pull/9160",
    copy: "2020-11, what others found",
  },
  {
    limit: "Azure Storage, requests to one account",
    value: "20,000 a second, 40,000 in large regions",
    source: `${learn}/azure/storage/common/scalability-targets-standard-account`,
  },
  {
    limit: "Azure Storage, messages of one queue (1 KiB)",
    value: "2,000 a second",
    source: `${learn}/azure/storage/queues/scalability-targets`,
  },
  { limit: "Azure Storage, size of a queue message", value: "64 KiB", source: `${learn}/azure/storage/queues/scalability-targets` },
  {
    limit: "Azure Storage, rows of one table partition (1 KiB)",
    value: "2,000 a second",
    source: `${learn}/azure/storage/tables/scalability-targets`,
  },
  {
    limit: "Azure Storage, requests to one block blob",
    value: "3,000 a second",
    source: `${learn}/azure/storage/blobs/scalability-targets`,
    copy: "2026-05-18",
  },
  {
    limit: "Task hub, partitions",
    value: "1 to 16, 4 by default",
    source: `${learn}/dotnet/api/microsoft.azure.webjobs.extensions.durabletask.azurestorageoptions.partitioncount`,
  },
  {
    limit: "Task hub, instances that run orchestrators and entities",
    value: "one for each partition",
    source: `${functions}/durable/durable-functions-perf-and-scale`,
    copy: "2019-03-14",
  },
  {
    limit: "Durable Functions, activities of one orchestration in a row",
    value: "5 a second",
    source: `${functions}/durable/durable-functions-perf-and-scale`,
    copy: "2019-03-14",
  },
  {
    limit: "Flex Consumption, cores of an instance",
    value: "0.25 (512 MB), 1 (2,048 MB), 2 (4,096 MB)",
    source: `${functions}/flex-consumption-plan`,
    copy: "2026",
  },
  { limit: "Flex Consumption, instances of one app", value: "1,000", source: `${functions}/flex-consumption-plan`, copy: "2026" },
  {
    limit: "Flex Consumption, all apps of a subscription in a region",
    value: "512,000 MB, 250 cores",
    source: `${functions}/flex-consumption-plan`,
    copy: "2024-05-24, more on request",
  },
  {
    limit: "Service Bus Standard, one namespace",
    value: "1,000 credits a second",
    source: `${learn}/azure/service-bus-messaging/service-bus-throttling`,
  },
  {
    limit: "Service Bus Premium, one messaging unit",
    value: "about 4 MB a second in and out",
    source: `${learn}/azure/service-bus-messaging/service-bus-performance-improvements`,
  },
  {
    limit: "Service Bus Premium, messaging units of a namespace",
    value: "1 to 16",
    source: `${learn}/dotnet/api/azure.resourcemanager.servicebus.models.servicebussku.capacity`,
  },
  { limit: "Durable Task Scheduler, one dedicated capacity unit", value: "2,000 actions a second", source: scheduler },
  { limit: "Durable Task Scheduler, dedicated capacity units", value: "3", source: scheduler },
  {
    limit: "Durable Task Scheduler, consumption",
    value: "500 actions a second",
    source: `${functions}/durable/durable-task-scheduler/durable-task-scheduler-billing`,
    copy: "2026-02-25",
  },
];
