import type { ShippedPackage } from "./shipped-packages.ts";

/**
 * Returns the bill of materials in the form of CycloneDX 1.5 (https://cyclonedx.org/docs/1.5/json).
 * It has no time and no serial number, so that the same app always has the same one.
 */
export function billOfMaterials(
  app: { readonly name: string; readonly version: string; readonly license: string },
  packages: readonly ShippedPackage[],
): object {
  const component = componentOf("application", { name: app.name, version: app.version, licence: app.license });
  const components = packages.map((each) => ({
    ...componentOf("library", each),
    hashes: [{ alg: "SHA-512", content: Buffer.from(each.integrity.replace(/^sha512-/, ""), "base64").toString("hex") }],
  }));
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.5.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: { component },
    components,
  };
}

function componentOf(type: "application" | "library", { name, version, licence }: Pick<ShippedPackage, "name" | "version" | "licence">) {
  const [group, ownName] = name.startsWith("@") ? name.split("/") : [undefined, name];
  const purl = `pkg:npm/${group === undefined ? "" : `${encodeURIComponent(group)}/`}${ownName}@${version}`;
  const isExpression = /[ ()]/.test(licence);
  return {
    type,
    "bom-ref": purl,
    ...(group === undefined ? {} : { group }),
    name: ownName,
    version,
    licenses: [isExpression ? { expression: licence } : { license: { id: licence } }],
    purl,
  };
}
