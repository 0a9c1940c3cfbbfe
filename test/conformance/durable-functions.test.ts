import { test } from "node:test";
import { durableConformance } from "./durable-functions.ts";

// The same suite on a host that already runs the app in durable-app/: Azure's own, say.

const url = process.env["FUNC_HOST_URL"]?.replace(/\/$/, "");
if (url) durableConformance(async () => ({ url, stop: async () => {} }));
else test("Durable Functions on another host", { skip: "FUNC_HOST_URL names no running host of test/conformance/durable-app" }, () => {});
