/** Short forms for the sessions of the manifest. */
import type { StartTlsState } from '../../shared/contract/analysis.ts';
import { chainFingerprints } from './pki.ts';
import type { SessionTruth } from './truth.ts';

type AlertTruth = SessionTruth['alerts'][number];

const ALERT_CODES: Readonly<Record<string, number>> = {
  close_notify: 0,
  handshake_failure: 40,
  bad_certificate: 42,
  certificate_expired: 45,
  certificate_unknown: 46,
  unknown_ca: 48,
  access_denied: 49,
  decode_error: 50,
  decrypt_error: 51,
  protocol_version: 70,
  internal_error: 80,
  user_canceled: 90,
  unrecognized_name: 112,
  certificate_required: 116,
};

export function alert(
  from: 'client' | 'server',
  description: string,
  level: 'warning' | 'fatal' = 'fatal',
): AlertTruth {
  const code = ALERT_CODES[description];
  if (code === undefined) throw new Error(`no code for alert ${description}`);
  return { from, level, description, code };
}

const CLOSED = [alert('server', 'close_notify', 'warning'), alert('client', 'close_notify', 'warning')];

export interface TlsShort {
  readonly client?: string;
  readonly server: string;
  readonly service?: SessionTruth['service'];
  readonly starttls?: StartTlsState | null;
  readonly upgrade?: SessionTruth['upgrade'];
  readonly version: string | null;
  readonly serverName?: string | null;
  /** Names of chains in test/lab/pki. */
  readonly serverChain?: string;
  readonly clientChain?: string;
  readonly resumed?: boolean;
  readonly outcome?: SessionTruth['outcome'];
  readonly visibility?: SessionTruth['visibility'];
  readonly visibilityWithKeys?: SessionTruth['visibility'];
  readonly alerts?: readonly AlertTruth[];
  /** Without it, a session with keys ends as it should: close_notify from the server, then from the client. */
  readonly alertsWithKeys?: readonly AlertTruth[];
  readonly note?: string;
}

/** A session with TLS; visible certificates unless said otherwise. */
export function tls(short: TlsShort): SessionTruth {
  const service = short.service ?? 'smtp';
  return {
    client: short.client ?? '10.99.0.1',
    server: short.server,
    service,
    starttls: short.starttls === undefined ? (service === 'smtp' ? 'accepted' : null) : short.starttls,
    ...(service === 'smtp' ? { upgrade: short.upgrade ?? 'STARTTLS' } : {}),
    tlsVersion: short.version,
    serverName: short.serverName ?? null,
    resumed: short.resumed ?? false,
    outcome: short.outcome ?? 'established',
    visibility: short.visibility ?? {
      server: 'visible',
      client: short.clientChain === undefined ? 'not-requested' : 'visible',
    },
    ...(short.visibilityWithKeys === undefined
      ? {}
      : { visibilityWithKeys: short.visibilityWithKeys, alertsWithKeys: short.alertsWithKeys ?? CLOSED }),
    serverChain: short.serverChain === undefined ? [] : chainFingerprints(short.serverChain),
    clientChain: short.clientChain === undefined ? [] : chainFingerprints(short.clientChain),
    serverChainName: short.serverChain ?? null,
    clientChainName: short.clientChain ?? null,
    alerts: short.alerts ?? [],
    ...(short.note === undefined ? {} : { note: short.note }),
  };
}

export interface PlainShort {
  readonly client?: string;
  readonly server: string;
  readonly starttls: StartTlsState;
  readonly note?: string;
}

/** A session that stays in plaintext. */
export function plain(short: PlainShort): SessionTruth {
  return {
    client: short.client ?? '10.99.0.1',
    server: short.server,
    service: 'smtp',
    starttls: short.starttls,
    tlsVersion: null,
    serverName: null,
    resumed: false,
    outcome: null,
    visibility: { server: 'none', client: 'none' },
    serverChain: [],
    clientChain: [],
    serverChainName: null,
    clientChainName: null,
    alerts: [],
    ...(short.note === undefined ? {} : { note: short.note }),
  };
}
