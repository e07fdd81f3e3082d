/** What the table calls things. Pure. */
import type { SessionRow } from '../../../shared/contract/operations.ts';
import type { Tone } from '../../ui/status.tsx';

const STARTTLS_WORDS: Readonly<Record<string, string>> = {
  accepted: 'accepted',
  refused: 'refused',
  unanswered: 'no answer',
  'not-offered': 'not offered',
  masked: 'masked',
  'not-requested': 'not requested',
  'not-seen': 'not seen',
};

export function starttlsWords({ service, starttls }: SessionRow): string {
  if (service !== 'smtp') return service === 'smtps' ? 'implicit TLS' : '–';
  return STARTTLS_WORDS[starttls] ?? starttls;
}

export function starttlsTone({ service, starttls }: SessionRow): Tone | null {
  if (service !== 'smtp') return null;
  return starttls === 'refused' || starttls === 'masked' || starttls === 'unanswered' ? 'warning' : null;
}

/** Why the certificate's column names no certificate. */
const VISIBILITY_WORDS: Readonly<Record<SessionRow['visibility'], string>> = {
  visible: 'without a name',
  decrypted: 'without a name',
  encrypted: 'encrypted (TLS 1.3)',
  resumed: 'resumed, none sent',
  anonymous: 'anonymous, none sent',
  lost: 'lost in the capture',
  cut: 'ended before it',
  malformed: 'cannot be read',
  'not-requested': 'not requested',
  empty: 'none sent',
  none: 'no TLS',
};

export function certificateWords({ visibility }: SessionRow): string {
  return VISIBILITY_WORDS[visibility];
}

export function tlsWords({ tls, tlsOutcome }: SessionRow): string {
  if (tls === null) return tlsOutcome === null ? 'none' : tlsOutcome;
  const version = tls.replace(/^TLS /, '');
  return tlsOutcome === 'failed'
    ? `${version} failed`
    : tlsOutcome === 'incomplete'
      ? `${version} incomplete`
      : version;
}

/** `10:02:11.482`, with the day where the run has several. */
export function timeWords(startedAt: string | null, withDay: boolean): string {
  if (startedAt === null) return 'no time';
  const [day, time = ''] = startedAt.replace(/Z$/, '').split('T');
  const [seconds, fraction = ''] = time.split('.');
  const clock = fraction === '' ? seconds : `${seconds}.${fraction.slice(0, 3)}`;
  return withDay ? `${day} ${clock}` : clock;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** In powers of 1000: `1.2 GB`. */
export function bytesWords(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

const GROUPED = new Intl.NumberFormat('en-US');

export function countWords(count: number, singular: string, plural = `${singular}s`): string {
  return `${GROUPED.format(count)} ${count === 1 ? singular : plural}`;
}

export function number(count: number): string {
  return GROUPED.format(count);
}

/** `10:02:11 – 10:14:30`, with days where they differ. */
export function rangeWords(from: number, until: number): string {
  const [first, last] = [from, until].map((time) => new Date(time).toISOString());
  const sameDay = first.slice(0, 10) === last.slice(0, 10);
  return `${instant(first, !sameDay)} – ${instant(last, !sameDay)}`;
}

/** `10:02:11`, or `2014-09-03 10:02:11`. */
export function instantWords(time: number, withDay: boolean): string {
  return instant(new Date(time).toISOString(), withDay);
}

function instant(iso: string, withDay: boolean): string {
  return withDay ? `${iso.slice(0, 10)} ${iso.slice(11, 19)}` : iso.slice(11, 19);
}
