import { RestageError } from '../errors.ts';
import type { Version } from '../model/id.ts';
import type { KeptRecord, Snapshot } from '../model/snapshot.ts';
import type { CommitRequest, MemberSource, Store } from '../store/contract.ts';
import type { SnapshotContext } from './context.ts';
import { needMember, needsPrefix, snapMember } from './name.ts';
import { encodeSnapshot } from './snap-file.ts';

const ATTEMPTS = 5;

/**
 * Commits a snapshot: the file, and a pointer for each content that it holds on to, in one version.
 *
 * Needs of an earlier save of the same name leave the head; the history keeps them with that save. Two saves of one
 * name at once both land, one after the other.
 *
 * @param source - where a content is taken from; by default a member where one is named, else the chunk plane
 */
export async function commitSave(
  snapshot: Snapshot,
  context: Pick<SnapshotContext, 'host'> & { readonly store: Store },
  source: (kept: KeptRecord) => MemberSource = sourceOf,
): Promise<Version> {
  const { name } = snapshot.record;
  const needs = new Map(snapshot.record.kept.map((kept) => [needMember(name, kept.digest), kept]));
  for (let attempt = 1; ; attempt++) {
    const present = await context.store.read(snapMember(name));
    const old = await context.store.list(needsPrefix(name));
    const request: CommitRequest = {
      puts: [
        { path: snapMember(name), bytes: Buffer.from(encodeSnapshot(snapshot)) },
        ...[...needs].map(([path, kept]) => ({ path, ...source(kept) })),
      ],
      deletes: old.map(({ path }) => path).filter((path) => !needs.has(path)),
      expect: { [snapMember(name)]: present?.version ?? 'absent' },
      subject: subjectOf(snapshot),
      producer: `${context.host.user}@${context.host.name}`,
      trailers: { Snapshot: `${name} ${snapshot.digest}` },
    };
    try {
      return (await context.store.commit(request)).version;
    } catch (error) {
      const isRace = error instanceof RestageError && error.code === 'store/conflict';
      if (!isRace || attempt === ATTEMPTS) throw error;
    }
  }
}

function sourceOf({ digest, size, member }: KeptRecord): MemberSource {
  return member ? { copyOf: member.path, at: member.version } : { blob: digest, size };
}

function subjectOf({ record }: Snapshot): string {
  const message = record.message?.split('\n')[0] ?? '';
  const subject = message === '' ? `save ${record.name}` : `save ${record.name}: ${message}`;
  return subject.length < 100 ? subject : `${subject.slice(0, 96)}...`;
}
