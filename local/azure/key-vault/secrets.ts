import { randomBytes } from "node:crypto";
import type { EndpointResponse } from "../https-server.ts";
import type { StateStore } from "../state-store.ts";
import { type Forbidden, forbiddenResponses, secretNotFound, vaultError } from "./responses.ts";

/** A new version of a secret, as the control API accepts it. Times are ISO 8601. */
export interface NewVersion {
  readonly value: string;
  readonly enabled?: boolean;
  readonly notBefore?: string;
  readonly expires?: string;
  /** Why callers may not read the secret, in any version. `true` means `rbac`. */
  readonly forbidden?: boolean | Forbidden;
}

interface Version {
  readonly id: string;
  readonly value: string;
  readonly attributes: { readonly enabled: boolean };
}

interface Secret {
  readonly name: string;
  readonly versions: Version[];
  forbidden: Forbidden | undefined;
}

const fields = ["value", "enabled", "notBefore", "expires", "forbidden"];

/**
 * Creates the secrets of one vault. As in the service, names and versions have no case, and the
 * version that was added last is the newest.
 */
export function createSecrets(store: StateStore) {
  const secrets = store.map<Secret>("secret");

  function addVersion(name: string, secret: Secret, value: string, attributes: object): string {
    const id = randomBytes(16).toString("hex");
    const now = Math.floor(Date.now() / 1000);
    const given = { enabled: true, ...attributes };
    const kept = { created: now, updated: now, recoveryLevel: "Recoverable+Purgeable", recoverableDays: 90 };
    secret.versions.push({ id, value, attributes: { ...given, ...kept } });
    secrets.set(name.toLowerCase(), secret);
    return id;
  }
  const secretOf = (name: string): Secret => secrets.get(name.toLowerCase()) ?? { name, versions: [], forbidden: undefined };

  return {
    /** Adds a version. Returns its id. Throws a sentence if a field is wrong. */
    add(name: string, given: NewVersion): string {
      const unknown = Object.keys(given).filter((field) => !fields.includes(field));
      if (unknown.length > 0) throw new Error(`A secret has no field ${unknown.join(", ")}; it has ${fields.join(", ")}.`);
      if (!/^[0-9A-Za-z-]{1,127}$/.test(name)) throw new Error("The name of a secret is 1 to 127 letters, digits and hyphens.");
      if (typeof given.value !== "string") throw new Error("A secret has a value, which is a text.");
      const attributes = {
        enabled: given.enabled ?? true,
        ...(given.notBefore === undefined ? {} : { nbf: secondsOf(given.notBefore) }),
        ...(given.expires === undefined ? {} : { exp: secondsOf(given.expires) }),
      };
      const secret = secretOf(name);
      secret.forbidden = readForbidden(given.forbidden);
      return addVersion(name, secret, given.value, attributes);
    },

    /** Returns the response to a PUT of a secret, which adds a version. */
    set(endpoint: string, name: string, text: string): EndpointResponse {
      const secret = secretOf(name);
      if (secret.forbidden) return forbiddenResponses[secret.forbidden](name);
      const { value, attributes = {} } = JSON.parse(text) as { value?: unknown; attributes?: object };
      if (typeof value !== "string") return vaultError(400, "BadParameter", "Property value is missing or is no text.");
      addVersion(name, secret, value, attributes);
      return this.get(endpoint, name, "");
    },

    /** Returns the response to a list of the versions of a secret, without values. */
    listVersions(endpoint: string, name: string): EndpointResponse {
      const secret = secrets.get(name.toLowerCase());
      if (secret?.forbidden) return forbiddenResponses[secret.forbidden](name);
      const value = (secret?.versions ?? []).map(({ id, attributes }) => ({ id: `${endpoint}/secrets/${secret?.name}/${id}`, attributes }));
      return { status: 200, body: { value, nextLink: null } };
    },

    /** Removes a secret with all its versions. */
    remove: (name: string) => secrets.delete(name.toLowerCase()),

    /** Returns the response to a GET of a secret. An empty `version` means the newest one. */
    get(endpoint: string, name: string, version: string): EndpointResponse {
      const secret = secrets.get(name.toLowerCase());
      // A caller that may not read secrets does not learn which ones exist.
      if (secret?.forbidden) return forbiddenResponses[secret.forbidden](name);
      const found = version === "" ? secret?.versions.at(-1) : secret?.versions.find(({ id }) => id === version.toLowerCase());
      if (!secret || !found) return secretNotFound(version === "" ? name : `${name}/${version}`);
      if (!found.attributes.enabled)
        return vaultError(403, "Forbidden", "Operation get is not allowed on a disabled secret.", "SecretDisabled");
      const { value, id, attributes } = found;
      return { status: 200, body: { value, id: `${endpoint}/secrets/${secret.name}/${id}`, attributes } };
    },
  };
}

function secondsOf(time: string): number {
  const milliseconds = Date.parse(time);
  if (Number.isNaN(milliseconds)) throw new Error(`Expected a time such as 2027-01-31T00:00:00Z; found ${time}.`);
  return Math.floor(milliseconds / 1000);
}

function readForbidden(given: NewVersion["forbidden"]): Forbidden | undefined {
  if (given === undefined || given === false) return undefined;
  if (given === true) return "rbac";
  if (!(given in forbiddenResponses))
    throw new Error(`A secret is forbidden by ${Object.keys(forbiddenResponses).join(", ")}; found ${given}.`);
  return given;
}
