/** What a certificate's names are compared with (RFC 9525 section 2.1), and how the comparison went. */
export type ReferenceName =
  /** An A-label DNS name in lower case, without the final dot. */
  | { readonly kind: 'dns'; readonly name: string }
  /** Canonical text, and its 4 or 16 octets. */
  | { readonly kind: 'ip'; readonly address: string; readonly bytes: Uint8Array };

export interface NameMatch {
  readonly matches: boolean;
  /** Which kind of name matched; `commonName` only where the fallback is allowed. */
  readonly by: 'dNSName' | 'iPAddress' | 'commonName' | null;
  /** The presented name that matched, as it stands in the certificate. */
  readonly presented: string | null;
}
