import { createHmac, createSecretKey, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";

/** Why Resource Manager refuses a token, as an ARM error. */
export interface TokenFault {
  readonly code: string;
  readonly message: string;
}

/**
 * Issues and checks the access tokens of one process. They are JWTs, signed with a key of this
 * process. Lifetimes are in real time.
 */
export function createTokens(lifetimeSeconds: number) {
  const key = createSecretKey(randomBytes(32));
  const sign = (text: string) => createHmac("sha256", key).update(text).digest("base64url");
  const encodePart = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

  return {
    issue(audience: string): { token: string; expiresOn: number } {
      const issuedAt = Math.floor(Date.now() / 1000);
      const expiresOn = issuedAt + lifetimeSeconds;
      const claims = {
        aud: audience,
        iss: "https://sts.local/",
        iat: issuedAt,
        nbf: issuedAt,
        exp: expiresOn,
        oid: randomUUID(),
        appid: "local",
      };
      const text = `${encodePart({ typ: "JWT", alg: "HS256" })}.${encodePart(claims)}`;
      return { token: `${text}.${sign(text)}`, expiresOn };
    },

    /**
     * Checks an Authorization header as Resource Manager does. Returns nothing if it is valid for
     * `audience`.
     */
    faultOf(header: string | undefined, audience: string): TokenFault | undefined {
      if (header === undefined)
        return { code: "AuthenticationFailed", message: "Authentication failed. The 'Authorization' header is missing." };
      const [scheme, token = ""] = header.split(" ");
      const [head = "", body = "", signature = ""] = token.split(".");
      const invalid: TokenFault = { code: "InvalidAuthenticationToken", message: "The access token is invalid." };
      if (scheme !== "Bearer" || !isEqual(signature, sign(`${head}.${body}`))) return invalid;
      const { aud, exp } = JSON.parse(Buffer.from(body, "base64url").toString()) as { aud: string; exp: number };
      if (exp * 1000 <= Date.now())
        return { code: "ExpiredAuthenticationToken", message: "The access token expiry UTC time is earlier than current UTC time." };
      if (aud.replace(/\/$/, "") === audience) return undefined;
      return {
        code: "InvalidAuthenticationTokenAudience",
        message: `The access token has been obtained for wrong audience or resource '${aud}'. It should exactly match with one of the allowed audiences '${audience}', '${audience}/'.`,
      };
    },
  };
}

function isEqual(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
