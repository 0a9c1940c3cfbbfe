import assert from "node:assert/strict";
import { test } from "node:test";
import { startLineOf } from "../../../shared/log/start-line.ts";
import { readSettings, settingNames } from "../../../shared/settings.ts";

const key = Buffer.alloc(32, 7).toString("base64");

test("the line of the start has the version, the sealing keys' names in order, and the settings without secrets", () => {
  const connection = "Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey=canary";
  const environment = {
    ServiceBus: connection,
    SEALING_KEYS: `{"k2":"${key}","k1":"${key}"}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: "https://user:canary@traces.example/token",
    PREFLIGHT: "warn",
    ARM_AUDIENCE: "",
  };
  const line = startLineOf("1.2.3", { ...environment, PATH: "/bin" }, readSettings(environment));
  assert.deepEqual(line, {
    version: "1.2.3",
    keyIds: ["k2", "k1"],
    settings: {
      ServiceBus: "(not shown)",
      SEALING_KEYS: "(not shown)",
      OTEL_EXPORTER_OTLP_ENDPOINT: "(not shown)",
      PREFLIGHT: "warn",
    },
    message: "Version 1.2.3 has started. Its sealing keys: k2, k1.",
  });
});

test("a long value is cut, so that the line fits", () => {
  const environment = Object.fromEntries(settingNames.map((name) => [name, "x".repeat(50_000)]));
  const { settings } = startLineOf("1", environment, { SEALING_KEYS: new Map() });
  assert.equal(Object.keys(settings).length, settingNames.length);
  assert.ok(JSON.stringify(settings).length < 32_000);
});
