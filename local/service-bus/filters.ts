import type { FilterConfig } from "./config.ts";
import type { Filter } from "./filtered-properties.ts";
import { createSqlFilter } from "./sql-filter.ts";

/**
 * Creates the filter of a configured rule. A correlation filter matches if all its properties are
 * equal (https://learn.microsoft.com/en-us/azure/service-bus-messaging/topic-filters).
 */
export function createFilter(config: FilterConfig): Filter {
  if ("sql" in config) return createSqlFilter(config.sql);
  const [system, properties] = [Object.entries(config.system), Object.entries(config.properties)];
  return (given) =>
    system.every(([name, value]) => given.system(name) === value) && properties.every(([name, value]) => given.user(name) === value);
}
