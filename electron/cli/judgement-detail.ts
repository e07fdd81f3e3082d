/** The answers about one session: who presented, which path, and what each partner does with the mail. */
import type { Side } from '../../shared/contract/analysis.ts';
import type { Check, JudgedPath, JudgedSession, Moment, Outcome, Verdict } from '../../shared/contract/verdict.ts';
import { shortName } from '../../shared/trace/tls-descriptions.ts';
import { type DetailContext, hanging, INDENT, labelled, plain, shown } from './detail-text.ts';
import type { Style } from './style.ts';

const SIDES: readonly Side[] = ['server', 'client'];

export function judgementLines(judged: JudgedSession, context: DetailContext): string[] {
  const lines: string[] = [];
  for (const side of SIDES) {
    const recognition = judged.recognized.find((one) => one.side === side);
    if (recognition) {
      const { title, match, missing, surplus } = recognition;
      const set =
        match === 'exact'
          ? 'the set of names matches exactly'
          : [
              ...(missing.length > 0 ? [`missing ${missing.join(', ')}`] : []),
              ...(surplus.length > 0 ? [`surplus ${surplus.join(', ')}`] : []),
            ].join('; ') || 'by name';
      lines.push(...labelled('Recognized', `${side === 'server' ? 'Server' : 'Client'}: ${title}: ${set}`, context));
    }
    lines.push(
      ...pathLines(
        judged.paths.filter((path) => path.side === side),
        side,
        context,
      ),
    );
  }
  const said = new Set<string>();
  for (const group of grouped(judged.verdicts)) lines.push(...verdictLines(group, said, context));
  return lines;
}

function pathLines(paths: readonly JudgedPath[], side: Side, context: DetailContext): string[] {
  const { style } = context;
  const lines: string[] = [];
  const label = side === 'server' ? 'Server path' : 'Client path';
  for (const [index, path] of paths.entries()) {
    const words = `${path.outcome === 'invalid' ? 'not valid' : path.outcome} ${momentWords(path)}`;
    const paint = path.outcome === 'valid' ? style.good : path.outcome === 'invalid' ? style.bad : style.warning;
    const names = path.path.map(({ subject, role, sent }) => {
      const name = shown(shortName(subject));
      return role === 'anchor' ? `${name} (trusted)` : sent ? name : `${name} (not sent)`;
    });
    const chain = names.length === 0 ? '' : `: ${names.join(' ← ')}`;
    lines.push(...labelled(index === 0 ? label : '', `${words}${chain}`, context, paint));
    const before = index > 0 ? new Set(paths[0].findings.map(({ message }) => message)) : new Set<string>();
    for (const { severity, message, rule } of path.findings) {
      // What was said of the other moment need not be said again, unless it refuses.
      if (severity === 'note' || (severity === 'warning' && before.has(message))) continue;
      const mark = severity === 'error' ? style.bad('✗') : style.warning('!');
      lines.push(...hanging(`${INDENT}${mark} `, `${INDENT}  `, `${shown(message)} (${rule})`, context));
    }
  }
  return lines;
}

function momentWords({ moment, asOf }: { readonly moment: Moment; readonly asOf: string | null }): string {
  const day = asOf === null ? '' : ` (${asOf.slice(0, 10)})`;
  switch (moment) {
    case 'capture':
      return `at the capture's time${day}`;
    case 'now':
      return `now${day}`;
    case 'date':
      return `on ${asOf?.slice(0, 10) ?? 'the chosen date'}`;
  }
}

/** Verdicts of one partner that say the same of several moments. */
function grouped(verdicts: readonly Verdict[]): readonly (readonly Verdict[])[] {
  const groups: Verdict[][] = [];
  for (const verdict of verdicts) {
    const same = groups.find(
      ([first]) =>
        first.partner === verdict.partner &&
        first.outcome === verdict.outcome &&
        first.summary === verdict.summary &&
        first.checks.length === verdict.checks.length,
    );
    if (same) same.push(verdict);
    else groups.push([verdict]);
  }
  return groups;
}

const MARKS: Readonly<Record<Check['status'], string>> = { passed: '✓', failed: '✗', warning: '!', unknown: '?' };

/** `said` holds what earlier verdicts of the session have said; only what differs is said again. */
function verdictLines(group: readonly Verdict[], said: Set<string>, context: DetailContext): string[] {
  const [{ partner, connector, outcome, summary, serverResponse, checks, matchedBy }] = group;
  const { style } = context;
  const when = group.map(momentWords).join(' and ');
  const paint = outcomeColour(outcome, style);
  const lines = labelled(
    'Verdict',
    `${outcomeWord(outcome).toUpperCase()} for ${shown(partner)}, ${when}`,
    context,
    paint,
  );
  const say = (text: string, paintLine = plain) => lines.push(...hanging(INDENT, INDENT, text, context, paintLine));
  say(shown(summary));
  if (serverResponse !== null) say(`Expected answer: ${shown(serverResponse)}`);
  for (const { status, rule, source, evidence, frame, remedy } of checks) {
    const key = JSON.stringify([partner, status, rule, evidence]);
    if (said.has(key)) continue;
    said.add(key);
    const colour = status === 'passed' ? style.good : status === 'failed' ? style.bad : style.warning;
    const place = frame === null ? '' : ` (frame ${frame})`;
    const text = `${shown(rule)} ${shown(evidence)}${place}`;
    lines.push(...hanging(`${INDENT}${colour(MARKS[status])} `, `${INDENT}  `, text, context));
    if (status === 'passed') continue;
    if (remedy !== null) lines.push(...hanging(`${INDENT}  → `, `${INDENT}    `, shown(remedy), context, style.bold));
    lines.push(...hanging(`${INDENT}  `, `${INDENT}  `, `Source: ${shown(source)}`, context, style.dim));
  }
  const matched = `Matched by ${shown(matchedBy)}, as ${connector}`;
  const matchedKey = JSON.stringify([partner, matched]);
  if (!said.has(matchedKey)) say(matched, style.dim);
  said.add(matchedKey);
  return lines;
}

export function outcomeWord(outcome: Outcome): string {
  return outcome.replaceAll('-', ' ');
}

export function outcomeColour(outcome: Outcome, style: Style): (text: string) => string {
  switch (outcome) {
    case 'deliver':
      return style.good;
    case 'defer':
    case 'reject':
      return style.bad;
    case 'deliver-in-plaintext':
    case 'unknown':
      return style.warning;
  }
}
