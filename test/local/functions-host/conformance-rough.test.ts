import { durableConformance } from "../../conformance/durable-functions.ts";
import { startConformanceHost } from "./conformance-host.ts";

durableConformance(() => startConformanceHost(1), "Durable Functions, rough");
