import { parseArgs } from 'node:util';
import { jsonText, printable } from '../../shared/bytes/printable.ts';
import type { Verification } from '../../shared/contract/verification.ts';
import { readReferenceName } from '../../shared/x509/path/match-name.ts';
import { type VerifyRequest, verifyChain } from '../service/verify-chain.ts';
import type { CommandContext } from './command.ts';
import { profileOf } from './judge-arguments.ts';
import { parseMoment } from './moment.ts';
import { EXIT, UsageError } from './usage.ts';
import { verificationText } from './verification-text.ts';
import { VERIFY_HELP } from './verify-help.ts';

/** `starttrace verify`: see its help. Returns the exit code. */
export async function verifyCommand(args: readonly string[], context: CommandContext): Promise<number> {
  const parsed = parse(args);
  if (parsed === 'help') {
    await context.output.write(VERIFY_HELP);
    return EXIT.ok;
  }
  const outcome = await verifyChain(parsed.request);
  if (outcome.kind === 'unreadable') {
    for (const { message } of outcome.problems) context.stderr.write(`starttrace: ${printable(message)}\n`);
    return EXIT.usage;
  }
  const { verification } = outcome;
  if (parsed.json) {
    for (const piece of verificationJson(verification)) await context.output.write(piece);
  } else {
    for (const { message } of verification.problems) context.stderr.write(`starttrace: ${printable(message)}\n`);
    for (const line of verificationText(verification, context)) await context.output.write(`${line}\n`);
  }
  return verification.outcome === 'valid' ? EXIT.ok : EXIT.failed;
}

interface VerifyArguments {
  readonly request: VerifyRequest;
  readonly json: boolean;
}

function parse(args: readonly string[]): VerifyArguments | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      trust: { type: 'string' },
      name: { type: 'string' },
      at: { type: 'string' },
      profile: { type: 'string' },
      purpose: { type: 'string' },
      crl: { type: 'string', multiple: true },
      'require-revocation': { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  const [file, ...others] = positionals;
  if (file === undefined) {
    throw new UsageError('Which certificates? Give a file: starttrace verify chain.pem --trust roots.pem');
  }
  if (others.length > 0) {
    throw new UsageError(`One file at a time, with the whole chain in it: ${others[0]} is one too many.`);
  }
  const trust = values.trust;
  if (trust === undefined) {
    throw new UsageError('Which roots are trusted? Give a file or the name of a policy: --trust roots.pem');
  }
  const at = values.at === undefined || values.at === 'now' ? Math.floor(Date.now() / 1000) : parseMoment(values.at);
  const profile = values.profile === undefined ? null : profileOf(values.profile);
  const purpose = values.purpose ?? 'server';
  if (purpose !== 'server' && purpose !== 'client') {
    throw new UsageError(`--purpose is server or client, not "${purpose}".`);
  }
  const name = values.name === undefined ? null : readReferenceName(values.name);
  if (values.name !== undefined && name === null) {
    throw new UsageError(`--name is a host's name or IP address, not "${values.name}".`);
  }
  const requireRevocation = values['require-revocation'] ?? false;
  const lists = values.crl ?? [];
  return { request: { file, trust, name, at, profile, purpose, lists, requireRevocation }, json: values.json ?? false };
}

/** One field of the document a line, and one certificate a line. */
function* verificationJson({ schema, certificates, ...rest }: Verification): Generator<string> {
  yield `{ "schema": ${jsonText(schema)},\n`;
  for (const [field, value] of Object.entries(rest)) yield `  ${jsonText(field)}: ${jsonText(value)},\n`;
  yield '  "certificates": {';
  for (const [index, [sha256, facts]] of Object.entries(certificates).entries()) {
    yield `${index === 0 ? '\n' : ',\n'}    "${sha256}": ${jsonText(facts)}`;
  }
  yield '} }\n';
}
