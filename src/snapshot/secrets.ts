import { RestageError } from '../errors.ts';
import { LAYER_KINDS, type LayerKind } from '../model/id.ts';
import { isSecretKey, looksSecret, redactText, REDACTED } from '../model/redact.ts';
import type { KeptRecord, Snapshot } from '../model/snapshot.ts';
import type { Content } from './layer.ts';

/** Something in a snapshot that looks like a secret. It says where, and never what. */
export interface Suspicion {
  readonly layer: LayerKind | 'record';
  /** A path in the body, or a digest of content. */
  readonly where: string;
  readonly why: string;
}

/** Content of up to this many bytes is read for secrets; what is bigger is listed as not looked into. */
const READ_LIMIT = 8 * 1024 * 1024;

/** What a look for secrets found. */
export interface SecretSearch {
  readonly suspicions: readonly Suspicion[];
  /** Content too big to be looked into, such as disk images. */
  readonly unread: readonly KeptRecord[];
}

/** Looks for secrets in all texts of a snapshot and in the content that it keeps. */
export async function searchSecrets(snapshot: Snapshot, content: Content, signal: AbortSignal): Promise<SecretSearch> {
  const suspicions: Suspicion[] = LAYER_KINDS.flatMap((layer) =>
    suspiciousTexts(snapshot.layers[layer]).map((found) => ({ layer, ...found })),
  );
  const { message, kept } = snapshot.record;
  if (message !== undefined && isSuspicious(message)) {
    suspicions.push({ layer: 'record', where: 'message', why: 'looks like a secret' });
  }
  const unread: KeptRecord[] = [];
  for (const one of new Map(kept.map((item) => [item.digest, item])).values()) {
    signal.throwIfAborted();
    if (one.size > READ_LIMIT) unread.push(one);
    else if (looksSecret((await content.read(one.digest)).toString('latin1'))) {
      suspicions.push({ layer: one.layer, where: one.digest, why: 'its content holds what looks like a secret' });
    }
  }
  return { suspicions, unread };
}

/** @throws {RestageError} `snapshot/secret` with the list, if there is one */
export function refuseSecrets({ suspicions }: SecretSearch, verb: 'export' | 'share'): void {
  const [first, ...others] = suspicions;
  if (!first) return;
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  throw new RestageError('snapshot/secret', `${first.layer} ${first.where} ${first.why}${more}`, {
    ...(verb === 'export' && { hint: 'Take them out and save again, or export with --accept-secrets' }),
    details: { suspicions },
  });
}

/** The places in a value whose text looks like a secret, or stands under a key that says so. */
export function suspiciousTexts(value: unknown, path = ''): { readonly where: string; readonly why: string }[] {
  if (typeof value === 'string') return isSuspicious(value) ? [{ where: path, why: 'looks like a secret' }] : [];
  if (typeof value !== 'object' || value === null) return [];
  // Names of packages are keys too (`passwd`, `token-types`): only among variables does a key say what it holds.
  const areVariables = /(^|\.)(env|variables)$/.test(path);
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) => {
    // What is said must not give the secret away.
    const where = redactText(path === '' ? key : `${path}.${key}`);
    if (areVariables && isSecretKey(key) && holdsText(member)) return [{ where, why: 'is named like a secret' }];
    const named = looksSecret(key) ? [{ where, why: 'is named with what looks like a secret' }] : [];
    return [...named, ...suspiciousTexts(member, where)];
  });
}

function isSuspicious(text: string): boolean {
  return looksSecret(text) || redactText(text) !== text;
}

/** Whether a variable has a value of its own, here or in a fact; a reference or what was redacted is none. */
function holdsText(member: unknown): boolean {
  if (typeof member === 'object' && member !== null && 'value' in member) return holdsText(member.value);
  return typeof member === 'string' && member !== '' && member !== REDACTED && !/^(sha256:|\$\{|ref:)/.test(member);
}
