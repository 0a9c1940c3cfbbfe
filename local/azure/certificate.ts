import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { generate } from "selfsigned";
import { replaceFile } from "../replace-file.ts";

/**
 * A server certificate for the loopback names of this machine, and the CA file to trust. The
 * private keys are never written to disk.
 */
export interface ServerCertificate {
  readonly key: string;
  readonly cert: string;
  readonly caFile: string;
}

/**
 * Creates a certificate authority and a server certificate, valid for a week. Writes the
 * authority's certificate to `ca.pem` in `directory`. The server certificate is valid for `names`
 * too.
 */
export async function makeCertificate(directory: string, names: readonly string[] = []): Promise<ServerCertificate> {
  const dates = { notBeforeDate: new Date(Date.now() - 3_600_000), notAfterDate: new Date(Date.now() + 7 * 86_400_000) };
  const common = { keyType: "ec" as const, algorithm: "sha256", ...dates };
  // OpenSSL finds an issuer by its name. Two authorities of one name in one bundle would hide each
  // other.
  const authority = await generate([{ name: "commonName", value: `Local Azure ${randomBytes(8).toString("hex")}` }], {
    ...common,
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: "commonName", value: "localhost" }], {
    ...common,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: "basicConstraints", cA: false },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          ...["localhost", ...names].map((value) => ({ type: 2 as const, value })),
          { type: 7, ip: "127.0.0.1" },
          { type: 7, ip: "::1" },
        ],
      },
    ],
  });
  const caFile = join(directory, "ca.pem");
  replaceFile(caFile, authority.cert);
  return { key: server.private, cert: server.cert, caFile };
}
