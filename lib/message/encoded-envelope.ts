/** A message as a transport stores it. Header names are case-sensitive. */
export interface EncodedEnvelope {
  readonly body: string | Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}
