import { durableConformance } from "../../conformance/durable-functions.ts";
import { startConformanceHost } from "./conformance-host.ts";

durableConformance(startConformanceHost);
