import type { Profile } from '../../shared/x509/path/model.ts';
import type { DecisiveTime } from '../service/judge-captures.ts';
import type { JudgeQuestion } from '../service/judge-request.ts';
import { parseMoment } from './moment.ts';
import { UsageError } from './usage.ts';

/** Options by which `analyze` judges, as `parseArgs` describes them. */
export const JUDGE_OPTIONS = {
  expect: { type: 'string' },
  trust: { type: 'string' },
  at: { type: 'string' },
  profile: { type: 'string' },
  crl: { type: 'string', multiple: true },
  'require-revocation': { type: 'boolean' },
  catalogue: { type: 'string' },
  strict: { type: 'boolean' },
} as const;

export interface JudgeValues {
  readonly expect?: string | undefined;
  readonly trust?: string | undefined;
  readonly at?: string | undefined;
  readonly profile?: string | undefined;
  readonly crl?: string[] | undefined;
  readonly 'require-revocation'?: boolean | undefined;
  readonly catalogue?: string | undefined;
  readonly strict?: boolean | undefined;
}

const PROFILES: readonly Profile[] = ['path', 'rfc5280', 'webpki'];

/** What is to be judged, or null when no option asks for it. */
export function judgeQuestion(values: JudgeValues): JudgeQuestion | null {
  const asked = Object.keys(JUDGE_OPTIONS).some((name) => values[name as keyof JudgeValues] !== undefined);
  if (!asked) return null;
  return {
    trust: values.trust ?? null,
    expectations: values.expect ?? null,
    at: values.at === undefined ? null : decisiveTime(values.at),
    profile: values.profile === undefined ? null : profileOf(values.profile),
    lists: values.crl ?? [],
    requireRevocation: values['require-revocation'] ?? false,
    catalogue: values.catalogue ?? null,
  };
}

/** A value of `--at`. */
export function decisiveTime(text: string): DecisiveTime {
  if (text === 'capture' || text === 'now') return text;
  return { date: parseMoment(text) };
}

/** The profile of that name; anything else is a usage error. */
export function profileOf(text: string): Profile {
  const found = PROFILES.find((name) => name === text);
  if (!found) throw new UsageError(`--profile is path, rfc5280 or webpki, not "${text}".`);
  return found;
}
