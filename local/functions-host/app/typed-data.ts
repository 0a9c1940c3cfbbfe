/**
 * A value between host and worker (TypedData of the Functions RPC). Exactly one field is set, or
 * none for no value.
 */
export interface TypedData {
  readonly string?: string;
  readonly json?: string;
  readonly bytes?: Uint8Array;
  readonly int?: number | string;
  readonly double?: number;
  readonly http?: HttpData;
}

/** The part of RpcHttp that http triggers use. */
export interface HttpData {
  readonly method?: string;
  readonly url?: string;
  readonly nullableHeaders?: Readonly<Record<string, { value: string }>>;
  readonly nullableParams?: Readonly<Record<string, { value: string }>>;
  readonly statusCode?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly object[];
  readonly body?: TypedData;
}

/**
 * Returns the value as JSON text, as the durable history stores results. No value is `null`, bytes
 * are base64 text, as in the extension.
 */
export function typedDataToJson(data: TypedData | null | undefined): string {
  if (data?.json != null) return data.json;
  if (data?.string != null) return JSON.stringify(data.string);
  if (data?.bytes != null) return JSON.stringify(Buffer.from(data.bytes).toString("base64"));
  const number = data?.int ?? data?.double;
  return number == null ? "null" : String(number);
}
