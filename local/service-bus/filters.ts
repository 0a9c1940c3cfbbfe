import type { FilterConfig } from "./config.ts";
import type { Filter } from "./filtered-properties.ts";
import { sqlFilter } from "./sql-filter.ts";

/** The filter that a rule is configured with. A correlation filter takes what is equal in everything it names (https://learn.microsoft.com/en-us/azure/service-bus-messaging/topic-filters). */
export function filterOf(config: FilterConfig): Filter {
  if ("sql" in config) return sqlFilter(config.sql);
  const [system, properties] = [Object.entries(config.system), Object.entries(config.properties)];
  return (given) =>
    system.every(([name, value]) => given.system(name) === value) && properties.every(([name, value]) => given.user(name) === value);
}
